package org.slmruntime.cpu.vector;

import java.lang.foreign.MemorySegment;

/** Multiplies two rows with one token straight from their stored form. */
@FunctionalInterface
interface RowDot {
  /**
   * Leaves the lanes of the two sums in {@code lanes}, one vector after the other. Each lane adds
   * what {@link DotKernels} would add for the decoded rows, in the same order.
   *
   * @param first offset of a row's first block, in bytes
   * @param second the same of the other row
   * @param x {@code n} floats
   * @param n a whole number of blocks and of vectors
   */
  void lanes(MemorySegment source, long first, long second, float[] x, int n, float[] lanes);
}
