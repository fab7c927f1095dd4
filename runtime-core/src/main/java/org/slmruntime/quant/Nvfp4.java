package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** NVFP4: four groups of 16 E2M1 numbers, each under an unsigned E4M3 scale. */
final class Nvfp4 implements QuantFormat {
  private static final int BLOCK = 64;
  private static final int BYTES = 36;

  @Override
  public DType type() {
    return DType.NVFP4;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    long block = offset;
    for (int i = at; i < at + elements; i += BLOCK, block += BYTES) {
      decodeBlock(source, block, target, i);
    }
  }

  private static void decodeBlock(MemorySegment s, long block, float[] y, int at) {
    for (int group = 0; group < 4; group++) {
      float scale = scale(Bytes.u8(s, block + group)) / 2;
      long codes = block + 4 + 8 * group;
      for (int j = 0; j < 8; j++) {
        y[at + 16 * group + j] = scale * Mxfp4.DOUBLED[LegacyBlocks.low(s, codes, j)];
        y[at + 16 * group + 8 + j] = scale * Mxfp4.DOUBLED[LegacyBlocks.high(s, codes, j)];
      }
    }
  }

  /** E4M3 without its sign bit; the code of NaN counts as 0, as ggml reads it. */
  private static float scale(int bits) {
    int exponent = bits >> 3 & 15;
    int fraction = bits & 7;
    if (bits == 0x7f) {
      return 0;
    }
    return exponent == 0
        ? Math.scalb((float) fraction, -9)
        : Math.scalb(8f + fraction, exponent - 10);
  }
}
