package org.slmruntime.train.reference;

import org.slmruntime.graph.Weight;
import org.slmruntime.train.Dropout;

/** Sums, products, factors, caps and dropout of single elements. */
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

  /** Of the input of the layer with this weight, row by row. */
  static double[] thinned(Dropout dropout, Weight weight, double[] x) {
    Dropout.Mask mask = dropout.mask(weight);
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      boolean stays = mask.keeps(i / weight.columns(), i % weight.columns());
      y[i] = stays ? x[i] * dropout.scale() : 0;
    }
    return y;
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
