package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** Q6_K: 16 groups of 16 six-bit codes around 32 with 8-bit scales. */
final class Q6K implements QuantFormat {
  private static final int BLOCK = 256;
  private static final int BYTES = 210;

  @Override
  public DType type() {
    return DType.Q6_K;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    long block = offset;
    for (int i = at; i < at + elements; i += BLOCK, block += BYTES) {
      decodeBlock(source, block, target, i);
    }
  }

  private static void decodeBlock(MemorySegment s, long block, float[] y, int at) {
    float d = Bytes.f16(s, block + 208);
    for (int group = 0; group < 16; group++) {
      int half = group >> 3;
      int plane = group >> 1 & 3;
      int start = 16 * (group & 1);
      long low = block + 64 * half + 32 * (plane & 1) + start;
      long high = block + 128 + 32 * half + start;
      float scale = d * Bytes.i8(s, block + 192 + group);
      for (int l = 0; l < 16; l++) {
        int code =
            Bytes.u8(s, low + l) >> 4 * (plane >> 1) & 15
                | (Bytes.u8(s, high + l) >> 2 * plane & 3) << 4;
        y[at + 16 * group + l] = scale * (code - 32);
      }
    }
  }
}
