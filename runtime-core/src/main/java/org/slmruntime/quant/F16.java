package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** IEEE half precision. */
final class F16 implements QuantEncoder {
  @Override
  public DType type() {
    return DType.F16;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    for (int i = 0; i < elements; i++) {
      target[at + i] = Bytes.f16(source, offset + 2L * i);
    }
  }

  @Override
  public void encode(float[] source, int from, int elements, MemorySegment target, long offset) {
    for (int i = 0; i < elements; i++) {
      Bytes.putF16(target, offset + 2L * i, source[from + i]);
    }
  }
}
