package org.slmruntime.lora;

import org.slmruntime.SlmException;

/** An adapter is malformed, of a kind that we cannot apply, or of another model. */
public final class AdapterException extends SlmException {
  private static final long serialVersionUID = 1L;

  public AdapterException(String message) {
    super(message);
  }

  public AdapterException(String message, Throwable cause) {
    super(message, cause);
  }
}
