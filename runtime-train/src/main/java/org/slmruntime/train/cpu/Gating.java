package org.slmruntime.train.cpu;

import org.slmruntime.cpu.vector.Exp;
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
  private final float[][] values;
  private final float[][] slopes;

  Gating(Parallel parallel, Activation f) {
    this.parallel = parallel;
    this.f = f;
    this.values = new float[parallel.team().size()][Exp.BLOCK];
    this.slopes = new float[parallel.team().size()][Exp.BLOCK];
  }

  /** Handles {@code count} elements from {@code at}, given f and f' of them. */
  @FunctionalInterface
  private interface Use {
    void run(float[] value, float[] slope, int at, int count);
  }

  void apply(float[] gate, float[] up, int count, float[] y) {
    forBlocks(
        gate,
        count,
        (value, _, at, n) -> {
          for (int i = 0; i < n; i++) {
            y[at + i] = value[i] * up[at + i];
          }
        });
  }

  /** {@code dgate += f'(gate) up dy}. */
  void gateGradient(float[] dy, float[] gate, float[] up, int count, float[] dGate) {
    forBlocks(
        gate,
        count,
        (_, slope, at, n) -> {
          for (int i = 0; i < n; i++) {
            dGate[at + i] += slope[i] * up[at + i] * dy[at + i];
          }
        });
  }

  /** {@code dup += f(gate) dy}. */
  void upGradient(float[] dy, float[] gate, int count, float[] dUp) {
    forBlocks(
        gate,
        count,
        (value, _, at, n) -> {
          for (int i = 0; i < n; i++) {
            dUp[at + i] += value[i] * dy[at + i];
          }
        });
  }

  private void forBlocks(float[] gate, int count, Use use) {
    parallel.forEach(
        Math.ceilDiv(count, Exp.BLOCK),
        Exp.BLOCK,
        (from, to, worker) -> {
          for (int block = from; block < to; block++) {
            int at = block * Exp.BLOCK;
            int n = Math.min(Exp.BLOCK, count - at);
            derive(gate, at, n, values[worker], slopes[worker]);
            use.run(values[worker], slopes[worker], at, n);
          }
        });
  }

  private void derive(float[] gate, int at, int n, float[] value, float[] slope) {
    switch (f) {
      case SILU -> {
        Exp.exp(gate, at, -1, 0, 1, value, 0, n);
        silu(gate, at, n, value, slope);
      }
      case GELU_TANH -> {
        for (int i = 0; i < n; i++) {
          float x = gate[at + i];
          value[i] = -SLOPE * (x + CUBE * x * x * x);
        }
        Exp.exp(value, 0, 1, 0, 1, value, 0, n);
        gelu(gate, at, n, value, slope);
      }
      case RELU_SQUARED -> {
        for (int i = 0; i < n; i++) {
          float x = Math.max(gate[at + i], 0);
          value[i] = x * x;
          slope[i] = 2 * x;
        }
      }
    }
  }

  /** {@code value} is {@code e^-v} before and f afterwards. */
  private static void silu(float[] gate, int at, int n, float[] value, float[] slope) {
    for (int i = 0; i < n; i++) {
      float x = gate[at + i];
      float s = 1 / (1 + value[i]);
      value[i] = x * s;
      slope[i] = s + x * s * (1 - s);
    }
  }

  private static void gelu(float[] gate, int at, int n, float[] value, float[] slope) {
    for (int i = 0; i < n; i++) {
      float x = gate[at + i];
      float s = 1 / (1 + value[i]);
      value[i] = x * s;
      slope[i] = s + x * s * (1 - s) * (SLOPE * (1 + 3 * CUBE * x * x));
    }
  }
}
