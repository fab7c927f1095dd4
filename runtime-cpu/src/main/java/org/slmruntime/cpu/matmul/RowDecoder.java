package org.slmruntime.cpu.matmul;

import java.lang.foreign.MemorySegment;

/**
 * Decodes stored weights to float32. One object per weight matrix, so that the call is made once
 * per row and may be virtual.
 */
@FunctionalInterface
interface RowDecoder {
  /**
   * @param offset of the row's first block, in bytes
   * @param elements a whole number of blocks
   */
  void decode(MemorySegment source, long offset, float[] target, int at, int elements);
}
