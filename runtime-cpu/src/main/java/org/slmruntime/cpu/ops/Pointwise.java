package org.slmruntime.cpu.ops;

/** Loops plain enough for the compiler to vectorise on its own. */
final class Pointwise {
  private Pointwise() {}

  static void add(float[] left, float[] right, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = left[i] + right[i];
    }
  }

  static void mul(float[] left, float[] right, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = left[i] * right[i];
    }
  }

  static void scale(float[] x, float factor, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = x[i] * factor;
    }
  }

  static void reluSquared(float[] gate, float[] up, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      float x = Math.max(gate[i], 0);
      out[i] = x * x * up[i];
    }
  }
}
