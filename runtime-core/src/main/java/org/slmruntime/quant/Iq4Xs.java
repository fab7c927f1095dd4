package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** IQ4_XS: 8 groups of 32 four-bit levels with 6-bit scales. */
final class Iq4Xs implements QuantEncoder {
  private static final int BLOCK = 256;
  private static final int BYTES = 136;

  @Override
  public DType type() {
    return DType.IQ4_XS;
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
    int[] scales = new int[8];
    long block = offset;
    for (int i = from; i < from + elements; i += BLOCK, block += BYTES) {
      Bytes.clear(target, block, BYTES);
      float d = Iq4Nl.SEARCH.groupScales(source, i, 32, 32, scales);
      Bytes.putF16(target, block, d);
      int high = 0;
      for (int group = 0; group < 8; group++) {
        int scale = scales[group] + 32;
        Bytes.orU8(target, block + 4 + (group >> 1), (scale & 15) << 4 * (group & 1));
        high |= scale >> 4 << 2 * group;
        long nibbles = block + 8 + 16 * group;
        Iq4Nl.putLevels(source, i + 32 * group, d * scales[group], target, nibbles);
      }
      Bytes.putU16(target, block + 2, high);
    }
  }

  private static void decodeBlock(MemorySegment s, long block, float[] y, int at) {
    float d = Bytes.f16(s, block);
    int high = Bytes.u16(s, block + 2);
    for (int group = 0; group < 8; group++) {
      int low = Bytes.u8(s, block + 4 + (group >> 1)) >> 4 * (group & 1) & 15;
      int scale = low | (high >> 2 * group & 3) << 4;
      Iq4Nl.levels(s, block + 8 + 16 * group, d * (scale - 32), y, at + 32 * group);
    }
  }
}
