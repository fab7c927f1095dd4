package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** Q5_1: 32 codes of 5 bits with a half-precision scale and minimum. */
final class Q5v1 implements QuantEncoder {
  private static final int BYTES = 24;

  @Override
  public DType type() {
    return DType.Q5_1;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    long block = offset;
    for (int i = at; i < at + elements; i += LegacyBlocks.BLOCK, block += BYTES) {
      float d = Bytes.f16(source, block);
      float m = Bytes.f16(source, block + 2);
      int fifths = Bytes.i32(source, block + 4);
      for (int j = 0; j < LegacyBlocks.HALF; j++) {
        int low = LegacyBlocks.low(source, block + 8, j) | LegacyBlocks.fifth(fifths, j);
        int high = LegacyBlocks.high(source, block + 8, j) | LegacyBlocks.fifth(fifths, j + 16);
        target[i + j] = low * d + m;
        target[i + j + LegacyBlocks.HALF] = high * d + m;
      }
    }
  }

  @Override
  public void encode(float[] source, int from, int elements, MemorySegment target, long offset) {
    long block = offset;
    for (int i = from; i < from + elements; i += LegacyBlocks.BLOCK, block += BYTES) {
      float min = LegacyBlocks.min(source, i);
      float d = (LegacyBlocks.max(source, i) - min) / 31;
      Bytes.putF16(target, block, d);
      Bytes.putF16(target, block + 2, min);
      float inverse = d == 0 ? 0 : 1 / d;
      Bytes.putI32(
          target,
          block + 4,
          LegacyBlocks.putCodes(target, block + 8, source, i, inverse, 0.5f, min, 31));
    }
  }
}
