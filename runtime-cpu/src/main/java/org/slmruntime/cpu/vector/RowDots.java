package org.slmruntime.cpu.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;
import static org.slmruntime.cpu.vector.Halves.BITS;
import static org.slmruntime.cpu.vector.Halves.UPPER_SHIFT;
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

  /**
   * Columns in the order of {@link WordOrder}. Only for finite elements; see {@link Halves}.
   *
   * <p>Eight instructions for a cache line: few enough that enough lines are on their way.
   */
  static void f16(
      MemorySegment s, long r0, long r1, long r2, long r3, float[] x, int n, float[] out, int at) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int c = 0; c < n; c += 2 * COUNT) {
      long o = 2L * c;
      IntVector w0 = IntVector.fromMemorySegment(INTS, s, r0 + o, LE);
      IntVector w1 = IntVector.fromMemorySegment(INTS, s, r1 + o, LE);
      IntVector w2 = IntVector.fromMemorySegment(INTS, s, r2 + o, LE);
      IntVector w3 = IntVector.fromMemorySegment(INTS, s, r3 + o, LE);
      IntVector l0 = w0.lanewise(LSHL, 16).lanewise(ASHR, UPPER_SHIFT).and(BITS);
      IntVector l1 = w1.lanewise(LSHL, 16).lanewise(ASHR, UPPER_SHIFT).and(BITS);
      IntVector l2 = w2.lanewise(LSHL, 16).lanewise(ASHR, UPPER_SHIFT).and(BITS);
      IntVector l3 = w3.lanewise(LSHL, 16).lanewise(ASHR, UPPER_SHIFT).and(BITS);
      FloatVector t = FloatVector.fromArray(FLOATS, x, c);
      a0 = l0.reinterpretAsFloats().fma(t, a0);
      a1 = l1.reinterpretAsFloats().fma(t, a1);
      a2 = l2.reinterpretAsFloats().fma(t, a2);
      a3 = l3.reinterpretAsFloats().fma(t, a3);
      t = FloatVector.fromArray(FLOATS, x, c + COUNT);
      a0 = w0.lanewise(ASHR, UPPER_SHIFT).and(BITS).reinterpretAsFloats().fma(t, a0);
      a1 = w1.lanewise(ASHR, UPPER_SHIFT).and(BITS).reinterpretAsFloats().fma(t, a1);
      a2 = w2.lanewise(ASHR, UPPER_SHIFT).and(BITS).reinterpretAsFloats().fma(t, a2);
      a3 = w3.lanewise(ASHR, UPPER_SHIFT).and(BITS).reinterpretAsFloats().fma(t, a3);
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
