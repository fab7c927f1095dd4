package org.slmruntime.json;

import org.slmruntime.SlmException;

/** A JSON text is malformed or beyond a limit; the message says at which offset. */
public final class JsonException extends SlmException {
  private static final long serialVersionUID = 1L;

  public JsonException(String message) {
    super(message);
  }

  public JsonException(String message, Throwable cause) {
    super(message, cause);
  }
}
