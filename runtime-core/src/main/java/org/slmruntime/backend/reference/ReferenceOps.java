package org.slmruntime.backend.reference;

import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.graph.Activation;
import org.slmruntime.graph.RotaryTable;

/** The row-wise and element-wise operations, each as its definition reads. */
final class ReferenceOps {
  private ReferenceOps() {}

  static void rmsNorm(
      float[] x, float[] weight, int groups, float epsilon, int rows, int width, float[] out) {
    int size = width / groups;
    boolean shared = weight.length == size;
    for (int start = 0; start < rows * width; start += size) {
      double squares = 0;
      for (int i = 0; i < size; i++) {
        squares += (double) x[start + i] * x[start + i];
      }
      double inverse = 1 / Math.sqrt(squares / size + epsilon);
      int weightStart = shared ? 0 : start % width;
      for (int i = 0; i < size; i++) {
        out[start + i] = (float) (x[start + i] * inverse * weight[weightStart + i]);
      }
    }
  }

  static void rope(
      float[] x, int heads, RotaryTable table, StepInput input, int width, float[] out) {
    int size = width / heads;
    int pairs = table.frequencies().length;
    boolean adjacent = table.pairing() == RotaryTable.Pairing.ADJACENT;
    System.arraycopy(x, 0, out, 0, input.tokenCount() * width);
    for (int t = 0; t < input.tokenCount(); t++) {
      for (int i = 0; i < pairs; i++) {
        double angle = input.position(t) * table.frequencies()[i];
        double cos = Math.cos(angle) * table.magnitude();
        double sin = Math.sin(angle) * table.magnitude();
        for (int head = 0; head < heads; head++) {
          int start = t * width + head * size;
          int a = start + (adjacent ? 2 * i : i);
          int b = start + (adjacent ? 2 * i + 1 : i + pairs);
          out[a] = (float) (x[a] * cos - x[b] * sin);
          out[b] = (float) (x[a] * sin + x[b] * cos);
        }
      }
    }
  }

  static void gated(float[] gate, float[] up, Activation activation, int count, float[] out) {
    for (int i = 0; i < count; i++) {
      out[i] = (float) (activate(activation, gate[i]) * up[i]);
    }
  }

  private static double activate(Activation activation, double x) {
    return switch (activation) {
      case SILU -> x / (1 + Math.exp(-x));
      case GELU_TANH ->
          0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case RELU_SQUARED -> x > 0 ? x * x : 0;
    };
  }

  static void add(float[] left, float[] right, int count, float[] out) {
    for (int i = 0; i < count; i++) {
      out[i] = left[i] + right[i];
    }
  }

  static void mul(float[] left, float[] right, int count, float[] out) {
    for (int i = 0; i < count; i++) {
      out[i] = left[i] * right[i];
    }
  }

  static void scale(float[] x, float factor, int count, float[] out) {
    for (int i = 0; i < count; i++) {
      out[i] = x[i] * factor;
    }
  }

  static void softcap(float[] x, float cap, int count, float[] out) {
    for (int i = 0; i < count; i++) {
      out[i] = (float) (cap * Math.tanh(x[i] / (double) cap));
    }
  }
}
