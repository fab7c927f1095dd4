package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** IQ4_XS: 8 groups of 32 four-bit levels with 6-bit scales. */
final class Iq4Xs implements QuantFormat {
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
