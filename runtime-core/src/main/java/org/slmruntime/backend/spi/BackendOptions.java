package org.slmruntime.backend.spi;

/**
 * How to open a backend.
 *
 * @param threads worker threads of a CPU backend; 0 lets it choose
 * @param device index among several devices
 */
public record BackendOptions(int threads, int device) {
  public static final int MAX_THREADS = 1024;

  public BackendOptions {
    if (threads < 0 || threads > MAX_THREADS) {
      throw new BackendException("threads must be in 0.." + MAX_THREADS + " but is " + threads);
    }
    if (device < 0) {
      throw new BackendException("device must not be negative but is " + device);
    }
  }

  public static BackendOptions defaults() {
    return new BackendOptions(0, 0);
  }
}
