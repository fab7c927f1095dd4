package org.slmruntime.hub;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;

/**
 * Counts the failures of one piece of work, and waits between them: twice as long each time, or as
 * long as the server asks. Used by one thread.
 */
final class Retries {
  private final String what;
  private final HubLimits limits;
  private final PullListener listener;
  private int failures;

  /** Work that gives something or fails in a way that may not last. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException;
  }

  Retries(String what, HubLimits limits, PullListener listener) {
    this.what = what;
    this.limits = limits;
    this.listener = listener;
  }

  /** Runs work until it succeeds, or has failed too often. */
  <T> T until(Work<T> work) {
    while (true) {
      try {
        return work.run();
      } catch (IOException e) {
        failed(e);
      }
    }
  }

  /** Much has come since the last failure, so that it does not count any more. */
  void progressed() {
    failures = 0;
  }

  /**
   * Waits before the next attempt.
   *
   * @throws HubException if there should be none
   */
  void failed(IOException e) {
    failures++;
    String failure = what + ": " + reason(e);
    if (failures >= limits.attempts()) {
      throw new HubException(failure + " (tried " + failures + " times)", e);
    }
    Duration asked = e instanceof TransientFailure t ? t.askedWait() : Duration.ZERO;
    if (asked.compareTo(limits.longestWait()) > 0) {
      throw new HubException(
          failure + "; the server asks to try again in " + asked.toSeconds() + " seconds", e);
    }
    Duration own = limits.firstWait().multipliedBy(1L << Math.min(failures - 1, 6));
    Duration wait = asked.compareTo(own) > 0 ? asked : own;
    listener.onNotice(failure + "; trying again in " + shown(wait));
    sleep(wait);
  }

  private static void sleep(Duration wait) {
    try {
      Thread.sleep(wait);
    } catch (InterruptedException e) {
      throw HubException.interrupted(e);
    }
  }

  private static String shown(Duration wait) {
    return wait.toMillis() < 1000 ? wait.toMillis() + " ms" : wait.toSeconds() + " s";
  }

  /** The HTTP client often says nothing but its exception's name. */
  private static String reason(IOException e) {
    return switch (e) {
      case HttpTimeoutException _ -> "the server does not answer";
      case ConnectException c when c.getCause() instanceof UnresolvedAddressException ->
          "the host is not known";
      case ConnectException c -> c.getMessage() == null ? "no connection" : c.getMessage();
      default -> e.getMessage() == null ? "the connection broke" : e.getMessage();
    };
  }
}
