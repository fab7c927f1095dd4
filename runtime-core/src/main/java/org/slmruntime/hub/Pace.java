package org.slmruntime.hub;

import java.io.IOException;

/**
 * Makes sure that a download ends: a server that sends a byte now and then is as good as silent.
 * Used by one thread.
 */
final class Pace {
  private final HubLimits limits;
  private long size;
  private long since = System.nanoTime();

  /**
   * @param size bytes that are there at the start
   */
  Pace(HubLimits limits, long size) {
    this.limits = limits;
    this.size = size;
  }

  /**
   * Looks how much has come.
   *
   * @param now bytes that are there
   * @throws IOException if it is too little for the time that it took
   */
  void check(long now) throws IOException {
    long nanos = System.nanoTime() - since;
    if (now - size >= limits.progress()) {
      size = now;
      since = System.nanoTime();
    } else if (nanos > limits.slowest().toNanos()) {
      throw new IOException("only " + (now - size) + " bytes came in " + nanos / 1_000_000 + " ms");
    }
  }
}
