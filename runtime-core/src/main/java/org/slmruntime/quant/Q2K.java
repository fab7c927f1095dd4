package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/**
 * Q2_K: 16 groups of 16 two-bit codes, each with a 4-bit scale and a 4-bit minimum under two
 * half-precision factors.
 */
final class Q2K implements QuantEncoder {
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

  @Override
  public void encode(float[] source, int from, int elements, MemorySegment target, long offset) {
    AffineGroups groups = new AffineGroups(16, 3, 15);
    long block = offset;
    for (int i = from; i < from + elements; i += BLOCK, block += BYTES) {
      Bytes.clear(target, block, BYTES);
      groups.fit(source, i);
      encodeBlock(source, i, groups, target, block);
    }
  }

  private static void encodeBlock(
      float[] x, int at, AffineGroups fit, MemorySegment s, long block) {
    Bytes.putF16(s, block + 80, fit.d);
    Bytes.putF16(s, block + 82, fit.dmin);
    for (int group = 0; group < 16; group++) {
      int shift = 2 * (group >> 1 & 3);
      long codes = block + 16 + 32 * (group >> 3) + 16 * (group & 1);
      Bytes.putU8(s, block + group, fit.scales[group] | fit.minimums[group] << 4);
      for (int l = 0; l < 16; l++) {
        Bytes.orU8(s, codes + l, fit.code(x[at + 16 * group + l], group) << shift);
      }
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
