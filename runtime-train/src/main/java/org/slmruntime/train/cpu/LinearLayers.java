package org.slmruntime.train.cpu;

import org.slmruntime.cpu.gemm.Gemm;
import org.slmruntime.cpu.gemm.Matrix;
import org.slmruntime.cpu.gemm.Transposition;
import org.slmruntime.graph.Weight;

/**
 * Linear layers and their gradients for many tokens, as products of matrices. The formulas are in
 * {@link org.slmruntime.train.gradient.Gradient.Linear}.
 */
final class LinearLayers {
  private final Parallel parallel;
  private final WeightBlocks weights;
  private final Gemm gemm;
  private final Transposition transposition;
  private float[] transposed = new float[0];

  LinearLayers(Parallel parallel, WeightBlocks weights) {
    this.parallel = parallel;
    this.weights = weights;
    this.gemm = new Gemm(parallel.team());
    this.transposition = new Transposition(parallel.team());
  }

  /** {@code y += x W^T}, for {@code x} [rows][columns] and {@code y} [rows][outputs]. */
  void apply(Weight weight, Matrix x, Matrix y) {
    int step = WeightBlocks.blockRows(weight);
    for (int first = 0; first < weight.rows(); first += step) {
      int count = Math.min(step, weight.rows() - first);
      Matrix block = transpose(weights.rows(weight, first, count));
      gemm.addProduct(x, block, y.columns(first, count));
    }
  }

  /** {@code dx += dy W}. */
  void inputGradient(Weight weight, Matrix dy, Matrix dx) {
    int step = WeightBlocks.blockRows(weight);
    for (int first = 0; first < weight.rows(); first += step) {
      int count = Math.min(step, weight.rows() - first);
      gemm.addProduct(dy.columns(first, count), weights.rows(weight, first, count), dx);
    }
  }

  /** {@code dW += dy^T x}. */
  void weightGradient(Matrix dy, Matrix x, Matrix dw) {
    gemm.addTransposedProduct(dy, x, dw);
  }

  /** {@code y += b} in each row. */
  void addBias(float[] bias, Matrix y) {
    parallel.forEach(
        y.rows(),
        y.columns(),
        (from, to, _) -> {
          for (int r = from; r < to; r++) {
            add(bias, 0, y.data(), y.at() + r * y.stride(), bias.length);
          }
        });
  }

  /** {@code db += dy}, row after row whatever the number of threads. */
  void biasGradient(Matrix dy, float[] db) {
    parallel.forEach(
        dy.columns(),
        dy.rows(),
        (from, to, _) -> {
          for (int r = 0; r < dy.rows(); r++) {
            add(dy.data(), dy.at() + r * dy.stride() + from, db, from, to - from);
          }
        });
  }

  private static void add(float[] x, int from, float[] y, int to, int count) {
    for (int i = 0; i < count; i++) {
      y[to + i] += x[from + i];
    }
  }

  private Matrix transpose(Matrix x) {
    int floats = Math.multiplyExact(x.rows(), x.columns());
    if (transposed.length < floats) {
      transposed = new float[floats];
    }
    return transposition.transpose(x, transposed);
  }
}
