package org.slmruntime.benchmarks.kernels;

import org.slmruntime.benchmarks.models.Shape;

/**
 * How large a benchmark's data is.
 *
 * @param depth tokens in the cache before a decode
 * @param prefill tokens of a large step
 * @param streamedBytes of weights that one invocation reads at least, so that they come from memory
 */
record Sizes(Shape shape, int depth, int prefill, long streamedBytes) {
  /** As a model of this shape has them; no cache holds the weights. */
  static final Sizes LLAMA_1B = new Sizes(Shape.LLAMA_1B, 4096, 512, 256L << 20);

  /** As small as a quick test needs. */
  static final Sizes SMALL =
      new Sizes(
          new Shape("small", "llama", 2, 256, 512, 4, 2, 600, 10_000, 1e-5, false), 64, 33, 1);
}
