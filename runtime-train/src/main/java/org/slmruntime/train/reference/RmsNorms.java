package org.slmruntime.train.reference;

/**
 * {@code y = w * x * r} with {@code r = 1 / sqrt(mean(x^2) + epsilon)} of each group of a row. The
 * weight has the length of a group, shared by all, or of a row.
 */
final class RmsNorms {
  private RmsNorms() {}

  static void apply(double[] x, double[] w, int groups, double epsilon, int width, double[] y) {
    int size = width / groups;
    for (int start = 0; start < x.length; start += size) {
      double r = inverse(x, start, size, epsilon);
      int weights = start % w.length;
      for (int i = 0; i < size; i++) {
        y[start + i] = w[weights + i] * x[start + i] * r;
      }
    }
  }

  /** {@code dx += r g - r^3 x mean(g * x)} with {@code g = w * dy}. */
  static void inputGradient(
      double[] dy, double[] x, double[] w, int groups, double epsilon, int width, double[] dx) {
    int size = width / groups;
    for (int start = 0; start < x.length; start += size) {
      double r = inverse(x, start, size, epsilon);
      int weights = start % w.length;
      double mean = 0;
      for (int i = 0; i < size; i++) {
        mean += w[weights + i] * dy[start + i] * x[start + i] / size;
      }
      for (int i = 0; i < size; i++) {
        double g = w[weights + i] * dy[start + i];
        dx[start + i] += r * g - r * r * r * x[start + i] * mean;
      }
    }
  }

  /** {@code dw += dy * x * r}. */
  static void weightGradient(
      double[] dy, double[] x, int groups, double epsilon, int width, double[] dw) {
    int size = width / groups;
    for (int start = 0; start < x.length; start += size) {
      double r = inverse(x, start, size, epsilon);
      int weights = start % dw.length;
      for (int i = 0; i < size; i++) {
        dw[weights + i] += dy[start + i] * x[start + i] * r;
      }
    }
  }

  private static double inverse(double[] x, int start, int size, double epsilon) {
    double squares = 0;
    for (int i = start; i < start + size; i++) {
      squares += x[i] * x[i];
    }
    return 1 / Math.sqrt(squares / size + epsilon);
  }
}
