package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** TQ1_0: 256 ternary values, five to a byte as base-3 digits, with one half-precision scale. */
final class Tq1v0 implements QuantFormat {
  private static final int BLOCK = 256;
  private static final int BYTES = 54;
  private static final int[] POWERS = {1, 3, 9, 27, 81};

  @Override
  public DType type() {
    return DType.TQ1_0;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    long block = offset;
    for (int i = at; i < at + elements; i += BLOCK, block += BYTES) {
      decodeBlock(source, block, target, i);
    }
  }

  private static void decodeBlock(MemorySegment s, long block, float[] y, int at) {
    float d = Bytes.f16(s, block + 52);
    digits(s, block, 32, 5, d, y, at);
    digits(s, block + 32, 16, 5, d, y, at + 160);
    digits(s, block + 48, 4, 4, d, y, at + 240);
  }

  /** Digit n of all {@code bytes} bytes, then digit n + 1 of all. */
  private static void digits(
      MemorySegment s, long from, int bytes, int count, float d, float[] y, int at) {
    for (int n = 0; n < count; n++) {
      for (int m = 0; m < bytes; m++) {
        int digit = (Bytes.u8(s, from + m) * POWERS[n] & 255) * 3 >> 8;
        y[at + n * bytes + m] = (digit - 1) * d;
      }
    }
  }
}
