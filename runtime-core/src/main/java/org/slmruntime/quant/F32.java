package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import org.slmruntime.tensor.DType;

/** IEEE single precision. */
final class F32 implements QuantEncoder {
  @Override
  public DType type() {
    return DType.F32;
  }

  @Override
  public void decode(MemorySegment source, long offset, float[] target, int at, int elements) {
    for (int i = 0; i < elements; i++) {
      target[at + i] = Bytes.f32(source, offset + 4L * i);
    }
  }

  @Override
  public void encode(float[] source, int from, int elements, MemorySegment target, long offset) {
    for (int i = 0; i < elements; i++) {
      Bytes.putF32(target, offset + 4L * i, source[from + i]);
    }
  }
}
