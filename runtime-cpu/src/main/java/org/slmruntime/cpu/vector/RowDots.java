package org.slmruntime.cpu.vector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;
import static org.slmruntime.cpu.vector.Halves.BITS;
import static org.slmruntime.cpu.vector.Halves.SCALE;
import static org.slmruntime.cpu.vector.Halves.SHIFT;
import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;
import static org.slmruntime.cpu.vector.Lanes.INTS;
import static org.slmruntime.cpu.vector.Lanes.SHORTS;
import static org.slmruntime.cpu.vector.StoredValues.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** Four rows times a token straight from their stored form; see {@link RowDot}. */
final class RowDots {
  private RowDots() {}

  static void f32(
      MemorySegment s, long r0, long r1, long r2, long r3, float[] x, int n, float[] out, int at) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int c = 0; c < n; c += COUNT) {
      long o = 4L * c;
      FloatVector t = FloatVector.fromArray(FLOATS, x, c);
      a0 = FloatVector.fromMemorySegment(FLOATS, s, r0 + o, LE).fma(t, a0);
      a1 = FloatVector.fromMemorySegment(FLOATS, s, r1 + o, LE).fma(t, a1);
      a2 = FloatVector.fromMemorySegment(FLOATS, s, r2 + o, LE).fma(t, a2);
      a3 = FloatVector.fromMemorySegment(FLOATS, s, r3 + o, LE).fma(t, a3);
    }
    a0.intoArray(out, at);
    a1.intoArray(out, at + COUNT);
    a2.intoArray(out, at + 2 * COUNT);
    a3.intoArray(out, at + 3 * COUNT);
  }

  /** Only for finite elements; see {@link Halves}. */
  static void f16(
      MemorySegment s, long r0, long r1, long r2, long r3, float[] x, int n, float[] out, int at) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int c = 0; c < n; c += COUNT) {
      long o = 2L * c;
      ShortVector h0 = ShortVector.fromMemorySegment(SHORTS, s, r0 + o, LE);
      ShortVector h1 = ShortVector.fromMemorySegment(SHORTS, s, r1 + o, LE);
      ShortVector h2 = ShortVector.fromMemorySegment(SHORTS, s, r2 + o, LE);
      ShortVector h3 = ShortVector.fromMemorySegment(SHORTS, s, r3 + o, LE);
      IntVector b0 = ((IntVector) h0.convertShape(S2I, INTS, 0)).lanewise(LSHL, SHIFT).and(BITS);
      IntVector b1 = ((IntVector) h1.convertShape(S2I, INTS, 0)).lanewise(LSHL, SHIFT).and(BITS);
      IntVector b2 = ((IntVector) h2.convertShape(S2I, INTS, 0)).lanewise(LSHL, SHIFT).and(BITS);
      IntVector b3 = ((IntVector) h3.convertShape(S2I, INTS, 0)).lanewise(LSHL, SHIFT).and(BITS);
      FloatVector t = FloatVector.fromArray(FLOATS, x, c);
      a0 = b0.reinterpretAsFloats().mul(SCALE).fma(t, a0);
      a1 = b1.reinterpretAsFloats().mul(SCALE).fma(t, a1);
      a2 = b2.reinterpretAsFloats().mul(SCALE).fma(t, a2);
      a3 = b3.reinterpretAsFloats().mul(SCALE).fma(t, a3);
    }
    a0.intoArray(out, at);
    a1.intoArray(out, at + COUNT);
    a2.intoArray(out, at + 2 * COUNT);
    a3.intoArray(out, at + 3 * COUNT);
  }

  static void bf16(
      MemorySegment s, long r0, long r1, long r2, long r3, float[] x, int n, float[] out, int at) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int c = 0; c < n; c += COUNT) {
      long o = 2L * c;
      ShortVector h0 = ShortVector.fromMemorySegment(SHORTS, s, r0 + o, LE);
      ShortVector h1 = ShortVector.fromMemorySegment(SHORTS, s, r1 + o, LE);
      ShortVector h2 = ShortVector.fromMemorySegment(SHORTS, s, r2 + o, LE);
      ShortVector h3 = ShortVector.fromMemorySegment(SHORTS, s, r3 + o, LE);
      IntVector b0 = ((IntVector) h0.convertShape(S2I, INTS, 0)).lanewise(LSHL, 16);
      IntVector b1 = ((IntVector) h1.convertShape(S2I, INTS, 0)).lanewise(LSHL, 16);
      IntVector b2 = ((IntVector) h2.convertShape(S2I, INTS, 0)).lanewise(LSHL, 16);
      IntVector b3 = ((IntVector) h3.convertShape(S2I, INTS, 0)).lanewise(LSHL, 16);
      FloatVector t = FloatVector.fromArray(FLOATS, x, c);
      a0 = b0.reinterpretAsFloats().fma(t, a0);
      a1 = b1.reinterpretAsFloats().fma(t, a1);
      a2 = b2.reinterpretAsFloats().fma(t, a2);
      a3 = b3.reinterpretAsFloats().fma(t, a3);
    }
    a0.intoArray(out, at);
    a1.intoArray(out, at + COUNT);
    a2.intoArray(out, at + 2 * COUNT);
    a3.intoArray(out, at + 3 * COUNT);
  }
}
