package org.slmruntime.cuda.driver;

import org.slmruntime.backend.spi.BackendException;

/** A call of the driver failed. */
public final class GpuException extends BackendException {
  private static final long serialVersionUID = 1L;

  private final int code;

  /**
   * @param code the CUresult, or 0 where none applies
   */
  public GpuException(String message, int code) {
    super(message);
    this.code = code;
  }

  public int code() {
    return code;
  }

  /** Whether the context is lost: every later call fails with the same code. */
  public boolean isSticky() {
    return code == 700 || code >= 702 && code <= 721;
  }
}
