package org.slmruntime.format;

import org.slmruntime.SlmException;

/** A model file is malformed, truncated, or says something we cannot read. */
public final class FormatException extends SlmException {
  private static final long serialVersionUID = 1L;

  public FormatException(String message) {
    super(message);
  }

  public FormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
