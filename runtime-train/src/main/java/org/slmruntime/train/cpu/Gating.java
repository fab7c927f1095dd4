package org.slmruntime.train.cpu;

import org.slmruntime.cpu.vector.Exp;
import org.slmruntime.cpu.vector.Slices;
import org.slmruntime.graph.Activation;

/**
 * {@code y = f(gate) up} and its gradients. SILU and GELU are {@code x sigmoid(v(x))}, with the
 * derivative {@code s + x s (1 - s) v'(x)} for {@code s = sigmoid(v(x))}.
 */
final class Gating {
  /** Twice the factor of GELU's tanh form: its v is {@code SLOPE (x + CUBE x^3)}. */
  private static final float SLOPE = (float) (2 * Math.sqrt(2 / Math.PI));

  private static final float CUBE = 0.044715f;

  private final Parallel parallel;
  private final Activation f;
  private final float[][] inputs;
  private final float[][] values;
  private final float[][] slopes;

  Gating(Parallel parallel, Activation f) {
    this.parallel = parallel;
    this.f = f;
    this.inputs = new float[parallel.team().size()][Exp.BLOCK];
    this.values = new float[parallel.team().size()][Exp.BLOCK];
    this.slopes = new float[parallel.team().size()][Exp.BLOCK];
  }

  /** Handles {@code count} elements from {@code at}, given f and f' of them. */
  @FunctionalInterface
  private interface Use {
    void run(float[] value, float[] slope, int at, int count);
  }

  void apply(float[] gate, float[] up, int count, float[] y) {
    forBlocks(gate, count, (value, _, at, n) -> Slices.multiply(value, 0, up, at, y, at, n));
  }

  /** {@code dgate += f'(gate) up dy}. */
  void gateGradient(float[] dy, float[] gate, float[] up, int count, float[] dGate) {
    forBlocks(
        gate,
        count,
        (_, slope, at, n) -> {
          Slices.multiply(slope, 0, up, at, slope, 0, n);
          Slices.addProduct(1, slope, 0, dy, at, dGate, at, n);
        });
  }

  /** {@code dup += f(gate) dy}. */
  void upGradient(float[] dy, float[] gate, int count, float[] dUp) {
    forBlocks(gate, count, (value, _, at, n) -> Slices.addProduct(1, value, 0, dy, at, dUp, at, n));
  }

  private void forBlocks(float[] gate, int count, Use use) {
    parallel.forEach(
        Math.ceilDiv(count, Exp.BLOCK),
        Exp.BLOCK,
        (from, to, worker) -> {
          for (int block = from; block < to; block++) {
            int at = block * Exp.BLOCK;
            int n = Math.min(Exp.BLOCK, count - at);
            derive(gate, at, n, inputs[worker], values[worker], slopes[worker]);
            use.run(values[worker], slopes[worker], at, n);
          }
        });
  }

  /**
   * Of plain loops C2 makes vectors if all arrays have the same index: so x is copied.
   *
   * @param value becomes f of {@code n} gates from {@code at}
   * @param slope becomes f' of them
   */
  private void derive(float[] gate, int at, int n, float[] x, float[] value, float[] slope) {
    System.arraycopy(gate, at, x, 0, n);
    switch (f) {
      case SILU -> {
        Exp.exp(x, 0, -1, 0, 1, value, 0, n);
        sigmoid(value, n);
        siluSlope(x, value, n, slope);
        multiply(x, n, value);
      }
      case GELU_TANH -> {
        for (int i = 0; i < n; i++) {
          value[i] = -SLOPE * (x[i] + CUBE * x[i] * x[i] * x[i]);
        }
        Exp.exp(value, 0, 1, 0, 1, value, 0, n);
        sigmoid(value, n);
        geluSlope(x, value, n, slope);
        multiply(x, n, value);
      }
      case RELU_SQUARED -> {
        for (int i = 0; i < n; i++) {
          slope[i] = 2 * Math.max(x[i], 0);
        }
        for (int i = 0; i < n; i++) {
          value[i] = 0.25f * slope[i] * slope[i];
        }
      }
    }
  }

  /** Of {@code e^-v}. */
  private static void sigmoid(float[] value, int n) {
    for (int i = 0; i < n; i++) {
      value[i] = 1 / (1 + value[i]);
    }
  }

  private static void siluSlope(float[] x, float[] s, int n, float[] slope) {
    for (int i = 0; i < n; i++) {
      slope[i] = s[i] + x[i] * s[i] * (1 - s[i]);
    }
  }

  private static void geluSlope(float[] x, float[] s, int n, float[] slope) {
    for (int i = 0; i < n; i++) {
      float v = SLOPE * (1 + 3 * CUBE * x[i] * x[i]);
      slope[i] = s[i] + x[i] * s[i] * (1 - s[i]) * v;
    }
  }

  private static void multiply(float[] x, int n, float[] value) {
    for (int i = 0; i < n; i++) {
      value[i] *= x[i];
    }
  }
}
