package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** Q8_0: 32 signed bytes with one half-precision scale. */
final class Q8v0 implements QuantEncoder {
  private static final int BLOCK = 32;
  private static final int BYTES = 34;

  @Override
  public DType type() {
    return DType.Q8_0;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    long block = offset;
    for (int i = at; i < at + elements; i += BLOCK, block += BYTES) {
      float d = Bytes.f16(source, block);
      for (int j = 0; j < BLOCK; j++) {
        target[i + j] = Bytes.i8(source, block + 2 + j) * d;
      }
    }
  }

  @Override
  public void encode(float[] source, int from, int elements, MemorySegment target, long offset) {
    long block = offset;
    for (int i = from; i < from + elements; i += BLOCK, block += BYTES) {
      float d = LegacyBlocks.largestMagnitude(source, i) / 127;
      float inverse = d == 0 ? 0 : 1 / d;
      Bytes.putF16(target, block, d);
      for (int j = 0; j < BLOCK; j++) {
        Bytes.putU8(target, block + 2 + j, roundHalfAway(source[i + j] * inverse));
      }
    }
  }

  private static int roundHalfAway(float x) {
    return (int) (x < 0 ? Math.ceil(x - 0.5) : Math.floor(x + 0.5));
  }
}
