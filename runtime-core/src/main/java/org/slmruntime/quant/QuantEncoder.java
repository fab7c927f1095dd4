package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;

/** A format that can also be written. */
public interface QuantEncoder extends QuantFormat {
  /**
   * Encodes consecutive elements. Formats with one scale per block follow the rounding of ggml's
   * reference quantizer bit for bit; the others search for the scales of least squared error.
   *
   * @param elements a whole number of blocks
   * @param offset of the first block written, in bytes
   */
  void encode(float[] source, int sourceOffset, int elements, MemorySegment target, long offset);
}
