package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** Q2_0: 64 two-bit codes for -1, 0, 1 and 2 with one half-precision scale. */
final class Q2v0 implements QuantFormat {
  private static final int BLOCK = 64;
  private static final int BYTES = 18;

  @Override
  public DType type() {
    return DType.Q2_0;
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
      int code = Bytes.u8(s, block + 2 + (j >> 2)) >> 2 * (j & 3) & 3;
      y[at + j] = (code - 1) * d;
    }
  }
}
