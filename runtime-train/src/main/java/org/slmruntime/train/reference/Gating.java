package org.slmruntime.train.reference;

import org.slmruntime.graph.Activation;

/** {@code y = f(gate) * up}. */
final class Gating {
  private static final double GELU_SLOPE = Math.sqrt(2 / Math.PI);
  private static final double GELU_CUBE = 0.044715;

  private Gating() {}

  static void apply(Activation f, double[] gate, double[] up, double[] y) {
    for (int i = 0; i < y.length; i++) {
      y[i] = value(f, gate[i]) * up[i];
    }
  }

  /** {@code dgate += f'(gate) * up * dy}. */
  static void gateGradient(Activation f, double[] dy, double[] gate, double[] up, double[] dGate) {
    for (int i = 0; i < dy.length; i++) {
      dGate[i] += derivative(f, gate[i]) * up[i] * dy[i];
    }
  }

  /** {@code dup += f(gate) * dy}. */
  static void upGradient(Activation f, double[] dy, double[] gate, double[] dUp) {
    for (int i = 0; i < dy.length; i++) {
      dUp[i] += value(f, gate[i]) * dy[i];
    }
  }

  private static double value(Activation f, double x) {
    return switch (f) {
      case SILU -> x * sigmoid(x);
      case GELU_TANH -> 0.5 * x * (1 + geluTanh(x));
      case RELU_SQUARED -> x > 0 ? x * x : 0;
    };
  }

  private static double derivative(Activation f, double x) {
    return switch (f) {
      case SILU -> sigmoid(x) * (1 + x * (1 - sigmoid(x)));
      case GELU_TANH -> {
        double tanh = geluTanh(x);
        double slope = GELU_SLOPE * (1 + 3 * GELU_CUBE * x * x);
        yield 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * slope;
      }
      case RELU_SQUARED -> x > 0 ? 2 * x : 0;
    };
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double geluTanh(double x) {
    return Math.tanh(GELU_SLOPE * (x + GELU_CUBE * x * x * x));
  }
}
