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

/** Four rows times four tokens straight from their stored form; see {@link TileDot}. */
final class TileDots {
  private TileDots() {}

  static void f32(
      MemorySegment s,
      long r0,
      long r1,
      long r2,
      long r3,
      float[] x,
      int x0,
      int x1,
      int x2,
      int x3,
      int n,
      float[] sums,
      int at) {
    FloatVector a00 = FloatVector.fromArray(FLOATS, sums, at);
    FloatVector a01 = FloatVector.fromArray(FLOATS, sums, at + 4 * COUNT);
    FloatVector a02 = FloatVector.fromArray(FLOATS, sums, at + 8 * COUNT);
    FloatVector a03 = FloatVector.fromArray(FLOATS, sums, at + 12 * COUNT);
    FloatVector a10 = FloatVector.fromArray(FLOATS, sums, at + COUNT);
    FloatVector a11 = FloatVector.fromArray(FLOATS, sums, at + 5 * COUNT);
    FloatVector a12 = FloatVector.fromArray(FLOATS, sums, at + 9 * COUNT);
    FloatVector a13 = FloatVector.fromArray(FLOATS, sums, at + 13 * COUNT);
    FloatVector a20 = FloatVector.fromArray(FLOATS, sums, at + 2 * COUNT);
    FloatVector a21 = FloatVector.fromArray(FLOATS, sums, at + 6 * COUNT);
    FloatVector a22 = FloatVector.fromArray(FLOATS, sums, at + 10 * COUNT);
    FloatVector a23 = FloatVector.fromArray(FLOATS, sums, at + 14 * COUNT);
    FloatVector a30 = FloatVector.fromArray(FLOATS, sums, at + 3 * COUNT);
    FloatVector a31 = FloatVector.fromArray(FLOATS, sums, at + 7 * COUNT);
    FloatVector a32 = FloatVector.fromArray(FLOATS, sums, at + 11 * COUNT);
    FloatVector a33 = FloatVector.fromArray(FLOATS, sums, at + 15 * COUNT);
    for (int c = 0; c < n; c += COUNT) {
      long o = 4L * c;
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, s, r0 + o, LE);
      FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, s, r1 + o, LE);
      FloatVector w2 = FloatVector.fromMemorySegment(FLOATS, s, r2 + o, LE);
      FloatVector w3 = FloatVector.fromMemorySegment(FLOATS, s, r3 + o, LE);
      FloatVector t = FloatVector.fromArray(FLOATS, x, x0 + c);
      a00 = w0.fma(t, a00);
      a10 = w1.fma(t, a10);
      a20 = w2.fma(t, a20);
      a30 = w3.fma(t, a30);
      t = FloatVector.fromArray(FLOATS, x, x1 + c);
      a01 = w0.fma(t, a01);
      a11 = w1.fma(t, a11);
      a21 = w2.fma(t, a21);
      a31 = w3.fma(t, a31);
      t = FloatVector.fromArray(FLOATS, x, x2 + c);
      a02 = w0.fma(t, a02);
      a12 = w1.fma(t, a12);
      a22 = w2.fma(t, a22);
      a32 = w3.fma(t, a32);
      t = FloatVector.fromArray(FLOATS, x, x3 + c);
      a03 = w0.fma(t, a03);
      a13 = w1.fma(t, a13);
      a23 = w2.fma(t, a23);
      a33 = w3.fma(t, a33);
    }
    a00.intoArray(sums, at);
    a10.intoArray(sums, at + COUNT);
    a20.intoArray(sums, at + 2 * COUNT);
    a30.intoArray(sums, at + 3 * COUNT);
    a01.intoArray(sums, at + 4 * COUNT);
    a11.intoArray(sums, at + 5 * COUNT);
    a21.intoArray(sums, at + 6 * COUNT);
    a31.intoArray(sums, at + 7 * COUNT);
    a02.intoArray(sums, at + 8 * COUNT);
    a12.intoArray(sums, at + 9 * COUNT);
    a22.intoArray(sums, at + 10 * COUNT);
    a32.intoArray(sums, at + 11 * COUNT);
    a03.intoArray(sums, at + 12 * COUNT);
    a13.intoArray(sums, at + 13 * COUNT);
    a23.intoArray(sums, at + 14 * COUNT);
    a33.intoArray(sums, at + 15 * COUNT);
  }

  /** Columns in the order of {@link WordOrder}. Only for finite elements; see {@link Halves}. */
  static void f16(
      MemorySegment s,
      long r0,
      long r1,
      long r2,
      long r3,
      float[] x,
      int x0,
      int x1,
      int x2,
      int x3,
      int n,
      float[] sums,
      int at) {
    f16(s, r0, r1, x, x0, x1, x2, x3, n, sums, at);
    f16(s, r2, r3, x, x0, x1, x2, x3, n, sums, at + 2 * COUNT);
  }

  /** Two rows, which is as much as C2 takes. */
  private static void f16(
      MemorySegment s,
      long r0,
      long r1,
      float[] x,
      int x0,
      int x1,
      int x2,
      int x3,
      int n,
      float[] sums,
      int at) {
    FloatVector a00 = FloatVector.fromArray(FLOATS, sums, at);
    FloatVector a01 = FloatVector.fromArray(FLOATS, sums, at + 4 * COUNT);
    FloatVector a02 = FloatVector.fromArray(FLOATS, sums, at + 8 * COUNT);
    FloatVector a03 = FloatVector.fromArray(FLOATS, sums, at + 12 * COUNT);
    FloatVector a10 = FloatVector.fromArray(FLOATS, sums, at + COUNT);
    FloatVector a11 = FloatVector.fromArray(FLOATS, sums, at + 5 * COUNT);
    FloatVector a12 = FloatVector.fromArray(FLOATS, sums, at + 9 * COUNT);
    FloatVector a13 = FloatVector.fromArray(FLOATS, sums, at + 13 * COUNT);
    for (int c = 0; c < n; c += 2 * COUNT) {
      long o = 2L * c;
      IntVector w0 = IntVector.fromMemorySegment(INTS, s, r0 + o, LE);
      IntVector w1 = IntVector.fromMemorySegment(INTS, s, r1 + o, LE);
      IntVector b0 = w0.lanewise(LSHL, 16).lanewise(ASHR, UPPER_SHIFT).and(BITS);
      IntVector b1 = w1.lanewise(LSHL, 16).lanewise(ASHR, UPPER_SHIFT).and(BITS);
      FloatVector l0 = b0.reinterpretAsFloats();
      FloatVector l1 = b1.reinterpretAsFloats();
      FloatVector t = FloatVector.fromArray(FLOATS, x, x0 + c);
      a00 = l0.fma(t, a00);
      a10 = l1.fma(t, a10);
      t = FloatVector.fromArray(FLOATS, x, x1 + c);
      a01 = l0.fma(t, a01);
      a11 = l1.fma(t, a11);
      t = FloatVector.fromArray(FLOATS, x, x2 + c);
      a02 = l0.fma(t, a02);
      a12 = l1.fma(t, a12);
      t = FloatVector.fromArray(FLOATS, x, x3 + c);
      a03 = l0.fma(t, a03);
      a13 = l1.fma(t, a13);
      FloatVector u0 = w0.lanewise(ASHR, UPPER_SHIFT).and(BITS).reinterpretAsFloats();
      FloatVector u1 = w1.lanewise(ASHR, UPPER_SHIFT).and(BITS).reinterpretAsFloats();
      t = FloatVector.fromArray(FLOATS, x, x0 + c + COUNT);
      a00 = u0.fma(t, a00);
      a10 = u1.fma(t, a10);
      t = FloatVector.fromArray(FLOATS, x, x1 + c + COUNT);
      a01 = u0.fma(t, a01);
      a11 = u1.fma(t, a11);
      t = FloatVector.fromArray(FLOATS, x, x2 + c + COUNT);
      a02 = u0.fma(t, a02);
      a12 = u1.fma(t, a12);
      t = FloatVector.fromArray(FLOATS, x, x3 + c + COUNT);
      a03 = u0.fma(t, a03);
      a13 = u1.fma(t, a13);
    }
    a00.intoArray(sums, at);
    a10.intoArray(sums, at + COUNT);
    a01.intoArray(sums, at + 4 * COUNT);
    a11.intoArray(sums, at + 5 * COUNT);
    a02.intoArray(sums, at + 8 * COUNT);
    a12.intoArray(sums, at + 9 * COUNT);
    a03.intoArray(sums, at + 12 * COUNT);
    a13.intoArray(sums, at + 13 * COUNT);
  }

  static void bf16(
      MemorySegment s,
      long r0,
      long r1,
      long r2,
      long r3,
      float[] x,
      int x0,
      int x1,
      int x2,
      int x3,
      int n,
      float[] sums,
      int at) {
    FloatVector a00 = FloatVector.fromArray(FLOATS, sums, at);
    FloatVector a01 = FloatVector.fromArray(FLOATS, sums, at + 4 * COUNT);
    FloatVector a02 = FloatVector.fromArray(FLOATS, sums, at + 8 * COUNT);
    FloatVector a03 = FloatVector.fromArray(FLOATS, sums, at + 12 * COUNT);
    FloatVector a10 = FloatVector.fromArray(FLOATS, sums, at + COUNT);
    FloatVector a11 = FloatVector.fromArray(FLOATS, sums, at + 5 * COUNT);
    FloatVector a12 = FloatVector.fromArray(FLOATS, sums, at + 9 * COUNT);
    FloatVector a13 = FloatVector.fromArray(FLOATS, sums, at + 13 * COUNT);
    FloatVector a20 = FloatVector.fromArray(FLOATS, sums, at + 2 * COUNT);
    FloatVector a21 = FloatVector.fromArray(FLOATS, sums, at + 6 * COUNT);
    FloatVector a22 = FloatVector.fromArray(FLOATS, sums, at + 10 * COUNT);
    FloatVector a23 = FloatVector.fromArray(FLOATS, sums, at + 14 * COUNT);
    FloatVector a30 = FloatVector.fromArray(FLOATS, sums, at + 3 * COUNT);
    FloatVector a31 = FloatVector.fromArray(FLOATS, sums, at + 7 * COUNT);
    FloatVector a32 = FloatVector.fromArray(FLOATS, sums, at + 11 * COUNT);
    FloatVector a33 = FloatVector.fromArray(FLOATS, sums, at + 15 * COUNT);
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
      FloatVector w0 = b0.reinterpretAsFloats();
      FloatVector w1 = b1.reinterpretAsFloats();
      FloatVector w2 = b2.reinterpretAsFloats();
      FloatVector w3 = b3.reinterpretAsFloats();
      FloatVector t = FloatVector.fromArray(FLOATS, x, x0 + c);
      a00 = w0.fma(t, a00);
      a10 = w1.fma(t, a10);
      a20 = w2.fma(t, a20);
      a30 = w3.fma(t, a30);
      t = FloatVector.fromArray(FLOATS, x, x1 + c);
      a01 = w0.fma(t, a01);
      a11 = w1.fma(t, a11);
      a21 = w2.fma(t, a21);
      a31 = w3.fma(t, a31);
      t = FloatVector.fromArray(FLOATS, x, x2 + c);
      a02 = w0.fma(t, a02);
      a12 = w1.fma(t, a12);
      a22 = w2.fma(t, a22);
      a32 = w3.fma(t, a32);
      t = FloatVector.fromArray(FLOATS, x, x3 + c);
      a03 = w0.fma(t, a03);
      a13 = w1.fma(t, a13);
      a23 = w2.fma(t, a23);
      a33 = w3.fma(t, a33);
    }
    a00.intoArray(sums, at);
    a10.intoArray(sums, at + COUNT);
    a20.intoArray(sums, at + 2 * COUNT);
    a30.intoArray(sums, at + 3 * COUNT);
    a01.intoArray(sums, at + 4 * COUNT);
    a11.intoArray(sums, at + 5 * COUNT);
    a21.intoArray(sums, at + 6 * COUNT);
    a31.intoArray(sums, at + 7 * COUNT);
    a02.intoArray(sums, at + 8 * COUNT);
    a12.intoArray(sums, at + 9 * COUNT);
    a22.intoArray(sums, at + 10 * COUNT);
    a32.intoArray(sums, at + 11 * COUNT);
    a03.intoArray(sums, at + 12 * COUNT);
    a13.intoArray(sums, at + 13 * COUNT);
    a23.intoArray(sums, at + 14 * COUNT);
    a33.intoArray(sums, at + 15 * COUNT);
  }
}
