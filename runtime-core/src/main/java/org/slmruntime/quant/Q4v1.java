package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** Q4_1: 32 codes of 4 bits with a half-precision scale and minimum. */
final class Q4v1 implements QuantEncoder {
  private static final int BYTES = 20;

  @Override
  public DType type() {
    return DType.Q4_1;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    long block = offset;
    for (int i = at; i < at + elements; i += LegacyBlocks.BLOCK, block += BYTES) {
      float d = Bytes.f16(source, block);
      float m = Bytes.f16(source, block + 2);
      for (int j = 0; j < LegacyBlocks.HALF; j++) {
        target[i + j] = LegacyBlocks.low(source, block + 4, j) * d + m;
        target[i + j + LegacyBlocks.HALF] = LegacyBlocks.high(source, block + 4, j) * d + m;
      }
    }
  }

  @Override
  public void encode(float[] source, int from, int elements, MemorySegment target, long offset) {
    long block = offset;
    for (int i = from; i < from + elements; i += LegacyBlocks.BLOCK, block += BYTES) {
      float min = LegacyBlocks.min(source, i);
      float d = (LegacyBlocks.max(source, i) - min) / 15;
      Bytes.putF16(target, block, d);
      Bytes.putF16(target, block + 2, min);
      LegacyBlocks.putCodes(target, block + 4, source, i, d == 0 ? 0 : 1 / d, 0.5f, min, 15);
    }
  }
}
