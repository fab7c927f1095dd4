package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** Q6_K: 16 groups of 16 six-bit codes around 32 with 8-bit scales. */
final class Q6K implements QuantEncoder {
  private static final int BLOCK = 256;
  private static final int BYTES = 210;
  private static final Levels LEVELS = Levels.range(-32, 31);

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

  @Override
  public void encode(float[] source, int from, int elements, MemorySegment target, long offset) {
    int[] scales = new int[16];
    long block = offset;
    for (int i = from; i < from + elements; i += BLOCK, block += BYTES) {
      Bytes.clear(target, block, BYTES);
      float d = LEVELS.groupScales(source, i, 16, 128, scales);
      Bytes.putF16(target, block + 208, d);
      for (int group = 0; group < 16; group++) {
        float scale = d * scales[group];
        Bytes.putU8(target, block + 192 + group, scales[group]);
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
      long low = block + 64 * half + 32 * (plane & 1) + start + l;
      Bytes.orU8(s, low, (code & 15) << 4 * (plane >> 1));
      Bytes.orU8(s, block + 128 + 32 * half + start + l, code >> 4 << 2 * plane);
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
