package org.slmruntime.cpu.attention;

import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * Weighted sums of value rows: {@code mixed[q] += sum over p of weights[q][p] * values[p]}, {@code
 * p} ascending.
 */
final class MixKernels {
  private MixKernels() {}

  /** Four queries, so that each value is loaded once for four multiplications. */
  static void queries4(
      float[] weights,
      int w,
      int wStride,
      float[] values,
      int n,
      int tokens,
      float[] mixed,
      int m) {
    int w1 = w + wStride;
    int w2 = w1 + wStride;
    int w3 = w2 + wStride;
    int i = 0;
    for (; i <= n - COUNT; i += COUNT) {
      int m0 = m + i;
      FloatVector a0 = FloatVector.fromArray(FLOATS, mixed, m0);
      FloatVector a1 = FloatVector.fromArray(FLOATS, mixed, m0 + n);
      FloatVector a2 = FloatVector.fromArray(FLOATS, mixed, m0 + 2 * n);
      FloatVector a3 = FloatVector.fromArray(FLOATS, mixed, m0 + 3 * n);
      for (int p = 0; p < tokens; p++) {
        FloatVector v = FloatVector.fromArray(FLOATS, values, p * n + i);
        a0 = v.fma(FloatVector.broadcast(FLOATS, weights[w + p]), a0);
        a1 = v.fma(FloatVector.broadcast(FLOATS, weights[w1 + p]), a1);
        a2 = v.fma(FloatVector.broadcast(FLOATS, weights[w2 + p]), a2);
        a3 = v.fma(FloatVector.broadcast(FLOATS, weights[w3 + p]), a3);
      }
      a0.intoArray(mixed, m0);
      a1.intoArray(mixed, m0 + n);
      a2.intoArray(mixed, m0 + 2 * n);
      a3.intoArray(mixed, m0 + 3 * n);
    }
    if (i < n) {
      for (int q = 0; q < 4; q++) {
        rest(weights, w + q * wStride, values, n, tokens, mixed, m + q * n, i);
      }
    }
  }

  static void queries1(
      float[] weights, int w, float[] values, int n, int tokens, float[] mixed, int m) {
    int i = 0;
    for (; i <= n - COUNT; i += COUNT) {
      FloatVector a = FloatVector.fromArray(FLOATS, mixed, m + i);
      for (int p = 0; p < tokens; p++) {
        FloatVector v = FloatVector.fromArray(FLOATS, values, p * n + i);
        a = v.fma(FloatVector.broadcast(FLOATS, weights[w + p]), a);
      }
      a.intoArray(mixed, m + i);
    }
    rest(weights, w, values, n, tokens, mixed, m, i);
  }

  /** Elements from {@code first} on, with the rounding of a fused multiplication. */
  private static void rest(
      float[] weights, int w, float[] values, int n, int tokens, float[] mixed, int m, int first) {
    for (int i = first; i < n; i++) {
      float a = mixed[m + i];
      for (int p = 0; p < tokens; p++) {
        a = Math.fma(values[p * n + i], weights[w + p], a);
      }
      mixed[m + i] = a;
    }
  }

  static void scale(float[] mixed, int from, int count, float factor) {
    for (int i = from; i < from + count; i++) {
      mixed[i] *= factor;
    }
  }
}
