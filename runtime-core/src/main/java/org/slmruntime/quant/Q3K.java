package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** Q3_K: 16 groups of 16 three-bit codes (two bits and a mask bit) with 6-bit scales. */
final class Q3K implements QuantFormat {
  private static final int BLOCK = 256;
  private static final int BYTES = 110;

  @Override
  public DType type() {
    return DType.Q3_K;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    long block = offset;
    for (int i = at; i < at + elements; i += BLOCK, block += BYTES) {
      decodeBlock(source, block, target, i);
    }
  }

  private static void decodeBlock(MemorySegment s, long block, float[] y, int at) {
    float d = Bytes.f16(s, block + 108);
    for (int group = 0; group < 16; group++) {
      int half = group >> 3;
      int plane = group >> 1 & 3;
      long masks = block + 16 * (group & 1);
      long codes = block + 32 + 32 * half + 16 * (group & 1);
      float scale = d * (scale(s, block + 96, group) - 32);
      for (int l = 0; l < 16; l++) {
        int bit = Bytes.u8(s, masks + l) >> 4 * half + plane & 1;
        int code = (Bytes.u8(s, codes + l) >> 2 * plane & 3) - (bit == 0 ? 4 : 0);
        y[at + 16 * group + l] = scale * code;
      }
    }
  }

  /** Six-bit scale {@code i}: four low bits in the first 8 bytes, two high bits in the last 4. */
  private static int scale(MemorySegment s, long scales, int i) {
    int low = i < 8 ? Bytes.u8(s, scales + i) & 15 : Bytes.u8(s, scales + i - 8) >> 4;
    int high = Bytes.u8(s, scales + 8 + i % 4) >> 2 * (i / 4) & 3;
    return low | high << 4;
  }
}
