package org.slmruntime.cpu.matmul;

import static org.slmruntime.cpu.matmul.Lanes.COUNT;
import static org.slmruntime.cpu.matmul.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Dot products of decoded rows with tokens, blocked so that each load feeds several
 * multiplications. All variants add in the same order. Arguments: {@code w} from {@code w0} has
 * rows of stride {@code wStride}; {@code x} from {@code x0} has tokens of stride {@code n}; {@code
 * out} from {@code o} has a row's results next to each other and tokens {@code outStride} apart.
 */
final class DotKernels {
  private DotKernels() {}

  static void rows4tokens4(
      float[] w, int w0, int wStride, float[] x, int x0, int n, float[] out, int o, int outStride) {
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
    out[o] = a00.reduceLanes(VectorOperators.ADD);
    out[o + 1] = a10.reduceLanes(VectorOperators.ADD);
    out[o + 2] = a20.reduceLanes(VectorOperators.ADD);
    out[o + 3] = a30.reduceLanes(VectorOperators.ADD);
    int o1 = o + outStride;
    out[o1] = a01.reduceLanes(VectorOperators.ADD);
    out[o1 + 1] = a11.reduceLanes(VectorOperators.ADD);
    out[o1 + 2] = a21.reduceLanes(VectorOperators.ADD);
    out[o1 + 3] = a31.reduceLanes(VectorOperators.ADD);
    int o2 = o1 + outStride;
    out[o2] = a02.reduceLanes(VectorOperators.ADD);
    out[o2 + 1] = a12.reduceLanes(VectorOperators.ADD);
    out[o2 + 2] = a22.reduceLanes(VectorOperators.ADD);
    out[o2 + 3] = a32.reduceLanes(VectorOperators.ADD);
    int o3 = o2 + outStride;
    out[o3] = a03.reduceLanes(VectorOperators.ADD);
    out[o3 + 1] = a13.reduceLanes(VectorOperators.ADD);
    out[o3 + 2] = a23.reduceLanes(VectorOperators.ADD);
    out[o3 + 3] = a33.reduceLanes(VectorOperators.ADD);
    if (i < n) {
      addTail(w, w0, wStride, 4, x, x0, n, bound, 4, out, o, outStride);
    }
  }

  static void rows4tokens1(
      float[] w, int w0, int wStride, float[] x, int x0, int n, float[] out, int o) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    int w1 = w0 + wStride;
    int w2 = w1 + wStride;
    int w3 = w2 + wStride;
    int bound = n - n % COUNT;
    int i = 0;
    for (; i < bound; i += COUNT) {
      FloatVector t = FloatVector.fromArray(FLOATS, x, x0 + i);
      a0 = FloatVector.fromArray(FLOATS, w, w0 + i).fma(t, a0);
      a1 = FloatVector.fromArray(FLOATS, w, w1 + i).fma(t, a1);
      a2 = FloatVector.fromArray(FLOATS, w, w2 + i).fma(t, a2);
      a3 = FloatVector.fromArray(FLOATS, w, w3 + i).fma(t, a3);
    }
    out[o] = a0.reduceLanes(VectorOperators.ADD);
    out[o + 1] = a1.reduceLanes(VectorOperators.ADD);
    out[o + 2] = a2.reduceLanes(VectorOperators.ADD);
    out[o + 3] = a3.reduceLanes(VectorOperators.ADD);
    if (i < n) {
      addTail(w, w0, wStride, 4, x, x0, n, bound, 1, out, o, 0);
    }
  }

  static void rows1tokens1(float[] w, int w0, float[] x, int x0, int n, float[] out, int o) {
    FloatVector a = FloatVector.zero(FLOATS);
    int bound = n - n % COUNT;
    int i = 0;
    for (; i < bound; i += COUNT) {
      FloatVector t = FloatVector.fromArray(FLOATS, x, x0 + i);
      a = FloatVector.fromArray(FLOATS, w, w0 + i).fma(t, a);
    }
    out[o] = a.reduceLanes(VectorOperators.ADD);
    if (i < n) {
      addTail(w, w0, 0, 1, x, x0, n, bound, 1, out, o, 0);
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
      int outStride) {
    VectorMask<Float> mask = FLOATS.indexInRange(from, n);
    for (int t = 0; t < tokens; t++) {
      FloatVector token = FloatVector.fromArray(FLOATS, x, x0 + t * n + from, mask);
      for (int r = 0; r < rows; r++) {
        FloatVector row = FloatVector.fromArray(FLOATS, w, w0 + r * wStride + from, mask);
        out[o + t * outStride + r] += row.mul(token).reduceLanes(VectorOperators.ADD);
      }
    }
  }
}
