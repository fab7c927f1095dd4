package org.slmruntime.cpu.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
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

  /** See {@link RowDecoders} for what is done to the halves. */
  static void f16(MemorySegment s, long r0, long r1, float[] x, int n, float[] lanes) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    for (int c = 0; c < n; c += COUNT) {
      ShortVector h0 = ShortVector.fromMemorySegment(SHORTS, s, r0 + 2L * c, LE);
      ShortVector h1 = ShortVector.fromMemorySegment(SHORTS, s, r1 + 2L * c, LE);
      IntVector b0 = (IntVector) h0.convertShape(S2I, INTS, 0);
      IntVector b1 = (IntVector) h1.convertShape(S2I, INTS, 0);
      IntVector m0 = b0.and(0x7fff);
      IntVector m1 = b1.and(0x7fff);
      IntVector e0 = m0.neg().add(0x7bff).lanewise(ASHR, 31).and(0x7f800000);
      IntVector e1 = m1.neg().add(0x7bff).lanewise(ASHR, 31).and(0x7f800000);
      m0 = m0.lanewise(LSHL, 13).reinterpretAsFloats().mul(0x1p112f).reinterpretAsInts();
      m1 = m1.lanewise(LSHL, 13).reinterpretAsFloats().mul(0x1p112f).reinterpretAsInts();
      FloatVector w0 = m0.or(e0).or(b0.and(0x8000).lanewise(LSHL, 16)).reinterpretAsFloats();
      FloatVector w1 = m1.or(e1).or(b1.and(0x8000).lanewise(LSHL, 16)).reinterpretAsFloats();
      FloatVector t = FloatVector.fromArray(FLOATS, x, c);
      a0 = w0.fma(t, a0);
      a1 = w1.fma(t, a1);
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
