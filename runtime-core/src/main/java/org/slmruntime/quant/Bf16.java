package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** The upper half of an IEEE single. */
final class Bf16 implements QuantEncoder {
  @Override
  public DType type() {
    return DType.BF16;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    for (int i = 0; i < elements; i++) {
      target[at + i] = Float.intBitsToFloat(Bytes.u16(source, offset + 2L * i) << 16);
    }
  }

  @Override
  public void encode(float[] source, int from, int elements, MemorySegment target, long offset) {
    for (int i = 0; i < elements; i++) {
      Bytes.putU16(target, offset + 2L * i, narrow(source[from + i]));
    }
  }

  /** Rounds to nearest even; a NaN stays one, and quiet. */
  private static int narrow(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return bits >>> 16 | 0x40;
    }
    return bits + 0x7fff + (bits >>> 16 & 1) >>> 16;
  }
}
