package org.slmruntime.train.reference;

/** Linear layers: {@code y = W x + b} for each row x. */
final class Products {
  private Products() {}

  /** {@code w} is [outputs x columns], {@code x} [rows x columns], {@code y} [rows x outputs]. */
  static void apply(double[] w, double[] x, int columns, double[] y) {
    int outputs = w.length / columns;
    for (int i = 0; i < y.length; i++) {
      int row = i / outputs * columns;
      int weights = i % outputs * columns;
      double sum = 0;
      for (int c = 0; c < columns; c++) {
        sum += w[weights + c] * x[row + c];
      }
      y[i] = sum;
    }
  }

  static void addBias(double[] bias, double[] y) {
    for (int i = 0; i < y.length; i++) {
      y[i] += bias[i % bias.length];
    }
  }

  /** {@code dx += W^T dy}. */
  static void inputGradient(double[] dy, double[] w, int columns, double[] dx) {
    int outputs = w.length / columns;
    for (int i = 0; i < dy.length; i++) {
      int row = i / outputs * columns;
      int weights = i % outputs * columns;
      for (int c = 0; c < columns; c++) {
        dx[row + c] += dy[i] * w[weights + c];
      }
    }
  }

  /** {@code dW += dy x^T}. */
  static void weightGradient(double[] dy, double[] x, int columns, double[] dw) {
    int outputs = dw.length / columns;
    for (int i = 0; i < dy.length; i++) {
      int row = i / outputs * columns;
      int weights = i % outputs * columns;
      for (int c = 0; c < columns; c++) {
        dw[weights + c] += dy[i] * x[row + c];
      }
    }
  }

  /** {@code db += dy}. */
  static void biasGradient(double[] dy, double[] db) {
    for (int i = 0; i < dy.length; i++) {
      db[i % db.length] += dy[i];
    }
  }
}
