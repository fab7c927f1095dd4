package org.slmruntime.ptx;

/** A module is not understood, or a kernel did what it must not; the message says where. */
public final class PtxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PtxException(String message) {
    super(message);
  }
}
