package org.slmruntime.backend.spi;

/**
 * How to open a backend.
 *
 * @param threads worker threads of a CPU backend; 0 lets it choose
 * @param device index among several devices, or {@link #ANY_DEVICE}
 * @param gpuSync whether a GPU backend waits after each kernel, slowly, so that a failure names it
 */
public record BackendOptions(int threads, int device, boolean gpuSync) {
  public static final int MAX_THREADS = 1024;

  /** The first device that can be used. */
  public static final int ANY_DEVICE = -1;

  public BackendOptions {
    if (threads < 0 || threads > MAX_THREADS) {
      throw new BackendException("threads must be in 0.." + MAX_THREADS + " but is " + threads);
    }
    if (device < ANY_DEVICE) {
      throw new BackendException("device must not be negative but is " + device);
    }
  }

  public BackendOptions(int threads, int device) {
    this(threads, device, false);
  }

  public static BackendOptions defaults() {
    return new BackendOptions(0, ANY_DEVICE);
  }
}
