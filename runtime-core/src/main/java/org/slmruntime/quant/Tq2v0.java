package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** TQ2_0: 256 ternary values in two bits each with one half-precision scale. */
final class Tq2v0 implements QuantFormat {
  private static final int BLOCK = 256;
  private static final int BYTES = 66;

  @Override
  public DType type() {
    return DType.TQ2_0;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    long block = offset;
    for (int i = at; i < at + elements; i += BLOCK, block += BYTES) {
      decodeBlock(source, block, target, i);
    }
  }

  private static void decodeBlock(MemorySegment s, long block, float[] y, int at) {
    float d = Bytes.f16(s, block + 64);
    for (int j = 0; j < BLOCK; j++) {
      int plane = j >> 5 & 3;
      int code = Bytes.u8(s, block + 32 * (j >> 7) + (j & 31)) >> 2 * plane & 3;
      y[at + j] = (code - 1) * d;
    }
  }
}
