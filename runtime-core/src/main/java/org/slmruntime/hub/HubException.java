package org.slmruntime.hub;

import org.slmruntime.SlmException;

/**
 * A model cannot be pulled or found: its name is wrong, the hub refuses or answers nonsense, the
 * bytes are damaged, or the disk is full.
 */
public final class HubException extends SlmException {
  private static final long serialVersionUID = 1L;

  public HubException(String message) {
    super(message);
  }

  public HubException(String message, Throwable cause) {
    super(message, cause);
  }

  /** For a thread that was interrupted while it waited; it stays interrupted. */
  static HubException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new HubException("pulling was interrupted; what has come is kept", e);
  }
}
