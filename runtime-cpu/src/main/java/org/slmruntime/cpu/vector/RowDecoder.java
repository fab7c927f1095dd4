package org.slmruntime.cpu.vector;

import java.lang.foreign.MemorySegment;

/**
 * Decodes stored weights to float32. One object per weight matrix, so that the call is made once
 * per row and may be virtual.
 */
@FunctionalInterface
public interface RowDecoder {
  /**
   * @param offset of the row's first block, in bytes
   * @param elements a whole number of blocks
   * @param scratch working memory of any size
   */
  void decode(
      MemorySegment source, long offset, float[] target, int at, int elements, RowScratch scratch);
}
