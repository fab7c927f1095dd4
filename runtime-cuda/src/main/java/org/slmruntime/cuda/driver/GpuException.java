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

  /**
   * Whether the context is lost, so that every later call fails alike. These are the codes of which
   * cuda.h says that the process must be relaunched, a failed assertion (710) and uncorrectable
   * memory errors (214).
   */
  public boolean isSticky() {
    return switch (code) {
      case 214, 226, 700, 702, 710, 714, 715, 716, 717, 718, 719, 721, 810, 911 -> true;
      default -> false;
    };
  }
}
