package org.slmruntime.cpu.attention;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;
import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;
import static org.slmruntime.cpu.vector.Lanes.INTS;
import static org.slmruntime.cpu.vector.Lanes.SHORTS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** Kernels that apply the scales of a Q8_0 cache. They are F16 and not negative. */
final class Scales {

  private Scales() {}

  /**
   * Decodes {@code count} scales, whole vectors. Infinity reads as 2^16, see {@link F16Elements}.
   */
  static void decode(MemorySegment s, long offset, int count, float[] scales, int at) {
    for (int i = 0; i < count; i += COUNT) {
      ShortVector h =
          ShortVector.fromMemorySegment(
              SHORTS, s, offset + (long) i * Short.BYTES, ByteOrder.LITTLE_ENDIAN);
      ((IntVector) h.convertShape(S2I, INTS, 0))
          .and(0x7fff)
          .lanewise(LSHL, 13)
          .reinterpretAsFloats()
          .mul(0x1p112f)
          .intoArray(scales, at + i);
    }
  }

  /** {@code out[r][i] += x[r][i] * scales[i]} for {@code from <= i < to}, whole vectors. */
  static void addScaled(
      float[] x, int rows, int stride, float[] scales, int from, int to, float[] out) {
    for (int r = 0; r < rows; r++) {
      int row = r * stride;
      for (int i = from; i < to; i += COUNT) {
        FloatVector s = FloatVector.fromArray(FLOATS, scales, i);
        FloatVector y = FloatVector.fromArray(FLOATS, out, row + i);
        FloatVector.fromArray(FLOATS, x, row + i).fma(s, y).intoArray(out, row + i);
      }
    }
  }

  /** {@code out[r][i] = x[r][i] * scales[i]} for {@code from <= i < to}, whole vectors. */
  static void scale(
      float[] x, int rows, int stride, float[] scales, int from, int to, float[] out) {
    for (int r = 0; r < rows; r++) {
      int row = r * stride;
      for (int i = from; i < to; i += COUNT) {
        FloatVector s = FloatVector.fromArray(FLOATS, scales, i);
        FloatVector.fromArray(FLOATS, x, row + i).mul(s).intoArray(out, row + i);
      }
    }
  }
}
