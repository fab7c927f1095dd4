package org.slmruntime.engine;

import org.slmruntime.SlmException;

/** A request cannot be served: too long, after closing, or its model failed. */
public final class EngineException extends SlmException {
  private static final long serialVersionUID = 1L;

  public EngineException(String message) {
    super(message);
  }

  public EngineException(String message, Throwable cause) {
    super(message, cause);
  }
}
