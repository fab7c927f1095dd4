package org.slmruntime.cpu.vector;

import java.lang.foreign.MemorySegment;

/** Multiplies four rows with one token straight from their stored form. */
@FunctionalInterface
public interface RowDot {
  /**
   * Leaves the lanes of the four sums in {@code out} from {@code at}, one vector after the other.
   * Lane l adds columns l, l + COUNT, ... in this order, each weight rounded to float32 before it
   * is multiplied. Where the matrix has {@link WordOrder}, so has the token.
   *
   * @param r0 offset of a row's first block, in bytes; likewise the others
   * @param x {@code n} floats
   * @param n a whole number of blocks and of vectors
   */
  void lanes(
      MemorySegment s, long r0, long r1, long r2, long r3, float[] x, int n, float[] out, int at);
}
