package org.slmruntime.cpu.vector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;
import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;
import static org.slmruntime.cpu.vector.Lanes.INTS;
import static org.slmruntime.cpu.vector.Lanes.SHORTS;
import static org.slmruntime.cpu.vector.StoredValues.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** Two rows of floats times a token; see {@link RowDot}. */
final class PlainDots {
  private PlainDots() {}

  static void f32(MemorySegment s, long r0, long r1, float[] x, int n, float[] lanes) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    for (int c = 0; c < n; c += COUNT) {
      FloatVector t = FloatVector.fromArray(FLOATS, x, c);
      a0 = FloatVector.fromMemorySegment(FLOATS, s, r0 + 4L * c, LE).fma(t, a0);
      a1 = FloatVector.fromMemorySegment(FLOATS, s, r1 + 4L * c, LE).fma(t, a1);
    }
    a0.intoArray(lanes, 0);
    a1.intoArray(lanes, COUNT);
  }

  static void bf16(MemorySegment s, long r0, long r1, float[] x, int n, float[] lanes) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    for (int c = 0; c < n; c += COUNT) {
      ShortVector h0 = ShortVector.fromMemorySegment(SHORTS, s, r0 + 2L * c, LE);
      ShortVector h1 = ShortVector.fromMemorySegment(SHORTS, s, r1 + 2L * c, LE);
      IntVector b0 = ((IntVector) h0.convertShape(S2I, INTS, 0)).lanewise(LSHL, 16);
      IntVector b1 = ((IntVector) h1.convertShape(S2I, INTS, 0)).lanewise(LSHL, 16);
      FloatVector t = FloatVector.fromArray(FLOATS, x, c);
      a0 = b0.reinterpretAsFloats().fma(t, a0);
      a1 = b1.reinterpretAsFloats().fma(t, a1);
    }
    a0.intoArray(lanes, 0);
    a1.intoArray(lanes, COUNT);
  }
}
