package org.slmruntime.train.reference;

/** Sums, products, factors and caps of single elements. */
final class Pointwise {
  private Pointwise() {}

  static void add(double[] left, double[] right, double[] y) {
    for (int i = 0; i < y.length; i++) {
      y[i] = left[i] + right[i];
    }
  }

  static void mul(double[] left, double[] right, double[] y) {
    for (int i = 0; i < y.length; i++) {
      y[i] = left[i] * right[i];
    }
  }

  static void scale(double[] x, double factor, double[] y) {
    for (int i = 0; i < y.length; i++) {
      y[i] = x[i] * factor;
    }
  }

  static void softcap(double[] x, double cap, double[] y) {
    for (int i = 0; i < y.length; i++) {
      y[i] = cap * Math.tanh(x[i] / cap);
    }
  }

  /** {@code dx += factor dy}: of a factor, and with 1 of a sum. */
  static void addScaled(double[] dy, double factor, double[] dx) {
    for (int i = 0; i < dy.length; i++) {
      dx[i] += factor * dy[i];
    }
  }

  /** {@code dx += other * dy}: of a product with {@code other}. */
  static void addProduct(double[] dy, double[] other, double[] dx) {
    for (int i = 0; i < dy.length; i++) {
      dx[i] += other[i] * dy[i];
    }
  }

  /** {@code dx += (1 - (y / cap)^2) * dy}. */
  static void softcapGradient(double[] dy, double[] y, double cap, double[] dx) {
    for (int i = 0; i < dy.length; i++) {
      dx[i] += (1 - y[i] / cap * (y[i] / cap)) * dy[i];
    }
  }
}
