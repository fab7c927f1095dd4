package org.slmruntime.backend.spi;

import org.slmruntime.SlmException;

/** A backend cannot be used, cannot run a graph, lacks memory, or failed. */
public class BackendException extends SlmException {
  private static final long serialVersionUID = 1L;

  public BackendException(String message) {
    super(message);
  }

  public BackendException(String message, Throwable cause) {
    super(message, cause);
  }
}
