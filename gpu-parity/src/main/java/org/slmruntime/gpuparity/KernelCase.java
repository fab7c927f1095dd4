package org.slmruntime.gpuparity;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A kernel with random inputs, the same on every device for a seed.
 *
 * @param kernel entry point that is compared
 * @param shape in words
 */
record KernelCase(String kernel, String shape, Body body) {
  /** Runs the kernel and reads what it wrote. */
  @FunctionalInterface
  interface Body {
    List<Output> run(Lab lab, RandomGenerator random);
  }

  /**
   * What a kernel wrote.
   *
   * @param tolerance relative RMS error of float32 values; 0: the bytes must be the same
   */
  record Output(String name, byte[] bytes, double tolerance) {
    static Output exact(String name, byte[] bytes) {
      return new Output(name, bytes, 0);
    }

    /** Float32 values that approximate functions went into. */
    static Output close(String name, byte[] bytes) {
      return new Output(name, bytes, 2e-6);
    }
  }
}
