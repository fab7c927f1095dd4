package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** Decodes one {@link DType}. Stateless; allocates nothing per call. */
public interface QuantFormat {
  DType type();

  /**
   * Decodes consecutive elements.
   *
   * @param source little-endian bytes, of any alignment
   * @param offset of the first block, in bytes
   * @param target receives {@code elements} floats from {@code targetOffset}
   * @param elements a whole number of blocks
   */
  void decode(MemorySegment source, long offset, float[] target, int targetOffset, int elements);
}
