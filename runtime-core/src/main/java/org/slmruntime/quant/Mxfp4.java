package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** MXFP4: 32 E2M1 numbers under one power of two (OCP Microscaling; ggml keeps doubled values). */
final class Mxfp4 implements QuantFormat {
  private static final int BLOCK = 32;
  private static final int BYTES = 17;

  /** E2M1 doubled, shared with NVFP4. */
  static final int[] DOUBLED = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

  @Override
  public DType type() {
    return DType.MXFP4;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    long block = offset;
    for (int i = at; i < at + elements; i += BLOCK, block += BYTES) {
      decodeBlock(source, block, target, i);
    }
  }

  private static void decodeBlock(MemorySegment s, long block, float[] y, int at) {
    float scale = halfPower(Bytes.u8(s, block));
    for (int j = 0; j < LegacyBlocks.HALF; j++) {
      y[at + j] = scale * DOUBLED[LegacyBlocks.low(s, block + 1, j)];
      y[at + j + LegacyBlocks.HALF] = scale * DOUBLED[LegacyBlocks.high(s, block + 1, j)];
    }
  }

  /** 2^(e-128), half of what the E8M0 byte says; the two smallest are subnormal. */
  private static float halfPower(int e) {
    return Float.intBitsToFloat(e < 2 ? 0x00200000 << e : e - 1 << 23);
  }
}
