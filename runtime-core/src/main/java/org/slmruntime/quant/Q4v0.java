package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** Q4_0: 32 codes of 4 bits around 8 with one half-precision scale. */
final class Q4v0 implements QuantEncoder {
  private static final int BYTES = 18;

  @Override
  public DType type() {
    return DType.Q4_0;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    long block = offset;
    for (int i = at; i < at + elements; i += LegacyBlocks.BLOCK, block += BYTES) {
      float d = Bytes.f16(source, block);
      for (int j = 0; j < LegacyBlocks.HALF; j++) {
        target[i + j] = (LegacyBlocks.low(source, block + 2, j) - 8) * d;
        target[i + j + LegacyBlocks.HALF] = (LegacyBlocks.high(source, block + 2, j) - 8) * d;
      }
    }
  }

  @Override
  public void encode(float[] source, int from, int elements, MemorySegment target, long offset) {
    long block = offset;
    for (int i = from; i < from + elements; i += LegacyBlocks.BLOCK, block += BYTES) {
      float d = LegacyBlocks.extreme(source, i) / -8;
      Bytes.putF16(target, block, d);
      LegacyBlocks.putCodes(target, block + 2, source, i, d == 0 ? 0 : 1 / d, 8.5f, 0, 15);
    }
  }
}
