package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** Q5_K: Q4_K with a fifth bit per code, kept apart. */
final class Q5K implements QuantFormat {
  private static final int BLOCK = 256;
  private static final int BYTES = 176;

  @Override
  public DType type() {
    return DType.Q5_K;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    long block = offset;
    for (int i = at; i < at + elements; i += BLOCK, block += BYTES) {
      decodeBlock(source, block, target, i);
    }
  }

  private static void decodeBlock(MemorySegment s, long block, float[] y, int at) {
    float d = Bytes.f16(s, block);
    float dmin = Bytes.f16(s, block + 2);
    for (int group = 0; group < 8; group++) {
      long codes = block + 48 + 32 * (group >> 1);
      int shift = 4 * (group & 1);
      float scale = d * SixBitScales.scale(s, block + 4, group);
      float minimum = dmin * SixBitScales.minimum(s, block + 4, group);
      for (int l = 0; l < 32; l++) {
        int fifth = (Bytes.u8(s, block + 16 + l) >> group & 1) << 4;
        int code = Bytes.u8(s, codes + l) >> shift & 15 | fifth;
        y[at + 32 * group + l] = scale * code - minimum;
      }
    }
  }
}
