package org.slmruntime.cpu.vector;

import java.lang.foreign.MemorySegment;

/** Multiplies four rows with four tokens straight from their stored form. */
@FunctionalInterface
public interface TileDot {
  /**
   * Adds some columns to the lanes of sixteen sums, which lie in {@code sums} from {@code at}: the
   * first token's four rows, then the next's, one vector after the other. Lanes add as in {@link
   * RowDot}.
   *
   * @param r0 offset of a row's first block to add, in bytes; likewise the others
   * @param x0 where a token's {@code n} floats begin in {@code x}; likewise the others
   * @param n a whole number of blocks and of vectors
   */
  void lanes(
      MemorySegment s,
      long r0,
      long r1,
      long r2,
      long r3,
      float[] x,
      int x0,
      int x1,
      int x2,
      int x3,
      int n,
      float[] sums,
      int at);
}
