package org.slmruntime.benchmarks;

import org.slmruntime.SlmException;

/** A measurement cannot be made; the message says why in one line. */
public final class BenchmarkException extends SlmException {
  private static final long serialVersionUID = 1L;

  public BenchmarkException(String message) {
    super(message);
  }

  public BenchmarkException(String message, Throwable cause) {
    super(message, cause);
  }
}
