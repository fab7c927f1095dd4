package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** Q3_K: 16 groups of 16 three-bit codes (two bits and a mask bit) with 6-bit scales. */
final class Q3K implements QuantEncoder {
  private static final int BLOCK = 256;
  private static final int BYTES = 110;
  private static final Levels LEVELS = Levels.range(-4, 3);

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

  @Override
  public void encode(float[] source, int from, int elements, MemorySegment target, long offset) {
    int[] scales = new int[16];
    long block = offset;
    for (int i = from; i < from + elements; i += BLOCK, block += BYTES) {
      Bytes.clear(target, block, BYTES);
      float d = LEVELS.groupScales(source, i, 16, 32, scales);
      Bytes.putF16(target, block + 108, d);
      for (int group = 0; group < 16; group++) {
        float scale = d * scales[group];
        putScale(target, block + 96, group, scales[group] + 32);
        encodeGroup(source, i, group, scale == 0 ? 0 : 1 / scale, target, block);
      }
    }
  }

  private static void encodeGroup(
      float[] x, int at, int group, float inverse, MemorySegment s, long block) {
    int half = group >> 3;
    int plane = group >> 1 & 3;
    int start = 16 * (group & 1);
    for (int l = 0; l < 16; l++) {
      int code = LEVELS.code(x[at + 16 * group + l] * inverse);
      Bytes.orU8(s, block + start + l, code >> 2 << 4 * half + plane);
      Bytes.orU8(s, block + 32 + 32 * half + start + l, (code & 3) << 2 * plane);
    }
  }

  /** Writes a six-bit scale where {@link #scale} reads it; the bytes must be zero before. */
  private static void putScale(MemorySegment s, long scales, int i, int scale) {
    Bytes.orU8(s, scales + i % 8, (scale & 15) << 4 * (i / 8));
    Bytes.orU8(s, scales + 8 + i % 4, scale >> 4 << 2 * (i / 4));
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
