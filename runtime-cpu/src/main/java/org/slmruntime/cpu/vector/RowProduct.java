package org.slmruntime.cpu.vector;

import java.lang.foreign.MemorySegment;

/**
 * Multiplies rows of a stored matrix with one token, without decoding them to floats in memory. Two
 * rows at a time, so that one's additions fill the other's latency.
 */
public interface RowProduct {
  /**
   * {@code out[at + r] = row r . x}, lanes adding as in {@link RowDot}.
   *
   * @param offset of the first row, in bytes
   * @param rowBytes from one row to the next
   * @param x {@code n} floats
   * @param n a whole number of blocks and of vectors
   * @param scratch working memory for rows of {@code n} columns
   */
  void multiply(
      MemorySegment source,
      long offset,
      long rowBytes,
      int rows,
      float[] x,
      int n,
      float[] out,
      int at,
      RowScratch scratch);
}
