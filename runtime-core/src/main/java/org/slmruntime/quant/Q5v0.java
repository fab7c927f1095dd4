package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** Q5_0: 32 codes of 5 bits around 16 with one half-precision scale. */
final class Q5v0 implements QuantEncoder {
  private static final int BYTES = 22;

  @Override
  public DType type() {
    return DType.Q5_0;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    long block = offset;
    for (int i = at; i < at + elements; i += LegacyBlocks.BLOCK, block += BYTES) {
      float d = Bytes.f16(source, block);
      int fifths = Bytes.i32(source, block + 2);
      for (int j = 0; j < LegacyBlocks.HALF; j++) {
        int low = LegacyBlocks.low(source, block + 6, j) | LegacyBlocks.fifth(fifths, j);
        int high = LegacyBlocks.high(source, block + 6, j) | LegacyBlocks.fifth(fifths, j + 16);
        target[i + j] = (low - 16) * d;
        target[i + j + LegacyBlocks.HALF] = (high - 16) * d;
      }
    }
  }

  @Override
  public void encode(float[] source, int from, int elements, MemorySegment target, long offset) {
    long block = offset;
    for (int i = from; i < from + elements; i += LegacyBlocks.BLOCK, block += BYTES) {
      float d = LegacyBlocks.extreme(source, i) / -16;
      Bytes.putF16(target, block, d);
      float inverse = d == 0 ? 0 : 1 / d;
      Bytes.putI32(
          target,
          block + 2,
          LegacyBlocks.putCodes(target, block + 6, source, i, inverse, 16.5f, 0, 31));
    }
  }
}
