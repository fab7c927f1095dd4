package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/**
 * Q2_K: 16 groups of 16 two-bit codes, each with a 4-bit scale and a 4-bit minimum under two
 * half-precision factors.
 */
final class Q2K implements QuantFormat {
  private static final int BLOCK = 256;
  private static final int BYTES = 84;

  @Override
  public DType type() {
    return DType.Q2_K;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    long block = offset;
    for (int i = at; i < at + elements; i += BLOCK, block += BYTES) {
      decodeBlock(source, block, target, i);
    }
  }

  private static void decodeBlock(MemorySegment s, long block, float[] y, int at) {
    float d = Bytes.f16(s, block + 80);
    float dmin = Bytes.f16(s, block + 82);
    for (int group = 0; group < 16; group++) {
      int half = group >> 3;
      int shift = 2 * (group >> 1 & 3);
      long codes = block + 16 + 32 * half + 16 * (group & 1);
      int packed = Bytes.u8(s, block + group);
      float scale = d * (packed & 15);
      float minimum = dmin * (packed >> 4);
      for (int l = 0; l < 16; l++) {
        y[at + 16 * group + l] = scale * (Bytes.u8(s, codes + l) >> shift & 3) - minimum;
      }
    }
  }
}
