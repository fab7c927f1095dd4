package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** IQ4_NL: 32 codes of 4 bits into a table of uneven levels, with one scale. */
final class Iq4Nl implements QuantFormat {
  private static final int BLOCK = 32;
  private static final int BYTES = 18;

  @Override
  public DType type() {
    return DType.IQ4_NL;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    long block = offset;
    for (int i = at; i < at + elements; i += BLOCK, block += BYTES) {
      decodeBlock(source, block, target, i);
    }
  }

  /** The sixteen levels, shared with IQ4_XS (ggml). */
  static final int[] LEVELS = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private static void decodeBlock(MemorySegment s, long block, float[] y, int at) {
    levels(s, block + 2, Bytes.f16(s, block), y, at);
  }

  /** Decodes 16 bytes of nibbles to 32 levels times {@code scale}. */
  static void levels(MemorySegment s, long nibbles, float scale, float[] y, int at) {
    for (int j = 0; j < LegacyBlocks.HALF; j++) {
      y[at + j] = scale * LEVELS[LegacyBlocks.low(s, nibbles, j)];
      y[at + j + LegacyBlocks.HALF] = scale * LEVELS[LegacyBlocks.high(s, nibbles, j)];
    }
  }
}
