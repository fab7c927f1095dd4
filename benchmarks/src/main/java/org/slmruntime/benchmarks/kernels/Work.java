package org.slmruntime.benchmarks.kernels;

/**
 * What one invocation of a benchmark must do at least.
 *
 * @param bytes that it reads and writes
 * @param operations of floating point; a multiplication and an addition are two
 */
record Work(long bytes, long operations, Bound bound) {
  /** What limits it: reading memory, arithmetic, or neither by itself. */
  enum Bound {
    MEMORY,
    ARITHMETIC,
    NEITHER
  }

  /** Billions of bytes per second. */
  double gigabytesPerSecond(double seconds) {
    return bytes / seconds / 1e9;
  }

  /** Billions of operations per second. */
  double gigaflops(double seconds) {
    return operations / seconds / 1e9;
  }
}
