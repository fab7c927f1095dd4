package org.slmruntime.backend.spi;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How to open a backend.
 *
 * @param threads worker threads of a CPU backend; 0 lets it choose
 * @param device index among several devices, or {@link #ANY_DEVICE}
 * @param gpuSync whether a GPU backend waits after each kernel, slowly, so that a failure names it
 * @param packedCache folder in which a CPU backend keeps weights as it lays them out; empty for
 *     none
 * @param notice told in one line what does not work as it was asked for and is done without
 */
public record BackendOptions(
    int threads, int device, boolean gpuSync, Optional<Path> packedCache, Consumer<String> notice) {
  public static final int MAX_THREADS = 1024;

  /** The first device that can be used. */
  public static final int ANY_DEVICE = -1;

  private static final System.Logger LOGGER = System.getLogger("org.slmruntime");

  public BackendOptions {
    if (threads < 0 || threads > MAX_THREADS) {
      throw new BackendException("threads must be in 0.." + MAX_THREADS + " but is " + threads);
    }
    if (device < ANY_DEVICE) {
      throw new BackendException("device must not be negative but is " + device);
    }
  }

  public BackendOptions(int threads, int device, boolean gpuSync) {
    this(threads, device, gpuSync, Optional.empty(), BackendOptions::warn);
  }

  public BackendOptions(int threads, int device) {
    this(threads, device, false);
  }

  public static BackendOptions defaults() {
    return new BackendOptions(0, ANY_DEVICE);
  }

  private static void warn(String text) {
    LOGGER.log(System.Logger.Level.WARNING, text);
  }
}
