package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** Q1_0: 128 signs with one half-precision scale. */
final class Q1v0 implements QuantFormat {
  private static final int BLOCK = 128;
  private static final int BYTES = 18;

  @Override
  public DType type() {
    return DType.Q1_0;
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
    for (int j = 0; j < BLOCK; j++) {
      int bit = Bytes.u8(s, block + 2 + (j >> 3)) >> (j & 7) & 1;
      y[at + j] = bit == 1 ? d : -d;
    }
  }
}
