package org.slmruntime.cpu.vector;

import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Dot products of decoded rows with tokens, blocked so that each load feeds several
 * multiplications. All variants add in the same order. Arguments: {@code w} from {@code w0} has
 * rows of stride {@code wStride}; {@code x} from {@code x0} has tokens of stride {@code n}; {@code
 * out} from {@code o} has a row's results next to each other and tokens {@code outStride} apart;
 * {@code lanes} is scratch memory of {@link Lanes#SCRATCH} floats.
 */
public final class DotKernels {
  private DotKernels() {}

  public static void rows4tokens4(
      float[] w,
      int w0,
      int wStride,
      float[] x,
      int x0,
      int n,
      float[] out,
      int o,
      int outStride,
      float[] lanes) {
    FloatVector a00 = FloatVector.zero(FLOATS);
    FloatVector a01 = a00;
    FloatVector a02 = a00;
    FloatVector a03 = a00;
    FloatVector a10 = a00;
    FloatVector a11 = a00;
    FloatVector a12 = a00;
    FloatVector a13 = a00;
    FloatVector a20 = a00;
    FloatVector a21 = a00;
    FloatVector a22 = a00;
    FloatVector a23 = a00;
    FloatVector a30 = a00;
    FloatVector a31 = a00;
    FloatVector a32 = a00;
    FloatVector a33 = a00;
    int w1 = w0 + wStride;
    int w2 = w1 + wStride;
    int w3 = w2 + wStride;
    int x1 = x0 + n;
    int x2 = x1 + n;
    int x3 = x2 + n;
    int bound = n - n % COUNT;
    int i = 0;
    for (; i < bound; i += COUNT) {
      FloatVector r0 = FloatVector.fromArray(FLOATS, w, w0 + i);
      FloatVector r1 = FloatVector.fromArray(FLOATS, w, w1 + i);
      FloatVector r2 = FloatVector.fromArray(FLOATS, w, w2 + i);
      FloatVector r3 = FloatVector.fromArray(FLOATS, w, w3 + i);
      FloatVector t = FloatVector.fromArray(FLOATS, x, x0 + i);
      a00 = r0.fma(t, a00);
      a10 = r1.fma(t, a10);
      a20 = r2.fma(t, a20);
      a30 = r3.fma(t, a30);
      t = FloatVector.fromArray(FLOATS, x, x1 + i);
      a01 = r0.fma(t, a01);
      a11 = r1.fma(t, a11);
      a21 = r2.fma(t, a21);
      a31 = r3.fma(t, a31);
      t = FloatVector.fromArray(FLOATS, x, x2 + i);
      a02 = r0.fma(t, a02);
      a12 = r1.fma(t, a12);
      a22 = r2.fma(t, a22);
      a32 = r3.fma(t, a32);
      t = FloatVector.fromArray(FLOATS, x, x3 + i);
      a03 = r0.fma(t, a03);
      a13 = r1.fma(t, a13);
      a23 = r2.fma(t, a23);
      a33 = r3.fma(t, a33);
    }
    a00.intoArray(lanes, 0);
    a10.intoArray(lanes, 1 * COUNT);
    a20.intoArray(lanes, 2 * COUNT);
    a30.intoArray(lanes, 3 * COUNT);
    a01.intoArray(lanes, 4 * COUNT);
    a11.intoArray(lanes, 5 * COUNT);
    a21.intoArray(lanes, 6 * COUNT);
    a31.intoArray(lanes, 7 * COUNT);
    a02.intoArray(lanes, 8 * COUNT);
    a12.intoArray(lanes, 9 * COUNT);
    a22.intoArray(lanes, 10 * COUNT);
    a32.intoArray(lanes, 11 * COUNT);
    a03.intoArray(lanes, 12 * COUNT);
    a13.intoArray(lanes, 13 * COUNT);
    a23.intoArray(lanes, 14 * COUNT);
    a33.intoArray(lanes, 15 * COUNT);
    for (int t = 0; t < 4; t++) {
      Lanes.sums(lanes, 4 * t * COUNT, 4, out, o + t * outStride);
    }
    if (i < n) {
      addTail(w, w0, wStride, 4, x, x0, n, bound, 4, out, o, outStride, lanes);
    }
  }

  public static void rows4tokens1(
      float[] w, int w0, int wStride, float[] x, int x0, int n, float[] out, int o, float[] lanes) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    int w1 = w0 + wStride;
    int w2 = w1 + wStride;
    int w3 = w2 + wStride;
    int bound = n - n % COUNT;
    for (int i = 0; i < bound; i += COUNT) {
      FloatVector t = FloatVector.fromArray(FLOATS, x, x0 + i);
      a0 = FloatVector.fromArray(FLOATS, w, w0 + i).fma(t, a0);
      a1 = FloatVector.fromArray(FLOATS, w, w1 + i).fma(t, a1);
      a2 = FloatVector.fromArray(FLOATS, w, w2 + i).fma(t, a2);
      a3 = FloatVector.fromArray(FLOATS, w, w3 + i).fma(t, a3);
    }
    a0.intoArray(lanes, 0);
    a1.intoArray(lanes, COUNT);
    a2.intoArray(lanes, 2 * COUNT);
    a3.intoArray(lanes, 3 * COUNT);
    Lanes.sums(lanes, 0, 4, out, o);
    if (bound < n) {
      addTail(w, w0, wStride, 4, x, x0, n, bound, 1, out, o, 0, lanes);
    }
  }

  /** Adds the products of the last, incomplete vector of each row. */
  private static void addTail(
      float[] w,
      int w0,
      int wStride,
      int rows,
      float[] x,
      int x0,
      int n,
      int from,
      int tokens,
      float[] out,
      int o,
      int outStride,
      float[] lanes) {
    VectorMask<Float> mask = FLOATS.indexInRange(from, n);
    for (int t = 0; t < tokens; t++) {
      FloatVector token = FloatVector.fromArray(FLOATS, x, x0 + t * n + from, mask);
      for (int r = 0; r < rows; r++) {
        FloatVector row = FloatVector.fromArray(FLOATS, w, w0 + r * wStride + from, mask);
        row.mul(token).intoArray(lanes, 0);
        Lanes.sums(lanes, 0, 1, lanes, 0);
        out[o + t * outStride + r] += lanes[0];
      }
    }
  }
}
