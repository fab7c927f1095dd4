package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** IQ4_NL: 32 codes of 4 bits into a table of uneven levels, with one scale. */
final class Iq4Nl implements QuantEncoder {
  private static final int BLOCK = 32;
  private static final int BYTES = 18;

  /** The sixteen levels, shared with IQ4_XS (ggml). */
  static final int[] LEVELS = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  static final Levels SEARCH = new Levels(LEVELS);

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

  @Override
  public void encode(float[] source, int from, int elements, MemorySegment target, long offset) {
    long block = offset;
    for (int i = from; i < from + elements; i += BLOCK, block += BYTES) {
      Bytes.clear(target, block, BYTES);
      float d = Bytes.roundF16(SEARCH.scale(source, i, BLOCK));
      Bytes.putF16(target, block, d);
      putLevels(source, i, d, target, block + 2);
    }
  }

  /** Writes the nibbles of the levels nearest to 32 values under {@code scale}. */
  static void putLevels(float[] x, int at, float scale, MemorySegment s, long nibbles) {
    float inverse = scale == 0 ? 0 : 1 / scale;
    for (int j = 0; j < LegacyBlocks.HALF; j++) {
      int low = SEARCH.code(x[at + j] * inverse);
      int high = SEARCH.code(x[at + j + LegacyBlocks.HALF] * inverse);
      Bytes.putU8(s, nibbles + j, low | high << 4);
    }
  }

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
