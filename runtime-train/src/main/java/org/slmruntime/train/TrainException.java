package org.slmruntime.train;

import org.slmruntime.SlmException;

/** What was to be learned, or from what, makes no sense; the message has the values. */
public final class TrainException extends SlmException {
  private static final long serialVersionUID = 1L;

  public TrainException(String message) {
    super(message);
  }

  public TrainException(String message, Throwable cause) {
    super(message, cause);
  }
}
