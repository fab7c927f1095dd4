package org.slmruntime.kernels;

import java.util.Random;

/** Products in float64, and how far others are from them. */
final class Products {
  private Products() {}

  static float[] gaussians(int count, Random random) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /**
   * {@code y[token][row]}, and the root of the summed squares of its terms, which is the size of
   * the product of random factors.
   *
   * @param weights [rows][columns]
   * @param x [tokens][stride]
   */
  static Reference of(float[] weights, int rows, int columns, float[] x, int stride) {
    double[] exact = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      exact[i] = x[i];
    }
    return of(weights, rows, columns, exact, stride);
  }

  static Reference of(float[] weights, int rows, int columns, double[] x, int stride) {
    int tokens = x.length / stride;
    double[] y = new double[tokens * rows];
    double squares = 0;
    for (int t = 0; t < tokens; t++) {
      for (int r = 0; r < rows; r++) {
        for (int k = 0; k < columns; k++) {
          double term = weights[r * columns + k] * x[t * stride + k];
          y[t * rows + r] += term;
          squares += term * term;
        }
      }
    }
    return new Reference(y, Math.sqrt(squares / y.length));
  }

  /**
   * @param y what a product should be
   * @param size root mean square of products of this kind
   */
  record Reference(double[] y, double size) {
    /** The root mean square of the errors, relative to the size of the products. */
    double error(float[] actual) {
      double squares = 0;
      for (int i = 0; i < y.length; i++) {
        squares += (actual[i] - y[i]) * (actual[i] - y[i]);
      }
      return Math.sqrt(squares / y.length) / size;
    }
  }
}
