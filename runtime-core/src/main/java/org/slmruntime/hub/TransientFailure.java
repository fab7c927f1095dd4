package org.slmruntime.hub;

import java.io.IOException;
import java.time.Duration;

/** A refusal that may not last. */
final class TransientFailure extends IOException {
  private static final long serialVersionUID = 1L;

  private final Duration askedWait;

  /**
   * @param askedWait that the server asks for; zero if it does not
   */
  TransientFailure(String message, Duration askedWait) {
    super(message);
    this.askedWait = askedWait;
  }

  Duration askedWait() {
    return askedWait;
  }
}
