package org.slmruntime.train.cpu;

import org.slmruntime.cpu.vector.Slices;

/**
 * Root mean square norms of groups of a row and their gradients; formulas in {@link
 * org.slmruntime.train.gradient.Gradient.RmsNorm}. Sums of a group are float64.
 *
 * @param size elements of a group
 */
record RmsNorms(Parallel parallel, int width, int size, double epsilon) {

  /** {@code y += w x r}. */
  void apply(float[] x, float[] w, int rows, float[] y) {
    parallel.forEach(
        rows,
        width,
        (from, to, _) -> {
          for (int start = from * width; start < to * width; start += size) {
            float r = (float) inverse(x, start);
            int weights = start % w.length;
            Slices.addProduct(r, w, weights, x, start, y, start, size);
          }
        });
  }

  /** {@code dx += r g - r^3 x mean(g x)} with {@code g = w dy}. */
  void inputGradient(float[] dy, float[] x, float[] w, int rows, float[] dx) {
    parallel.forEach(
        rows,
        width,
        (from, to, _) -> {
          float[] g = new float[size];
          for (int start = from * width; start < to * width; start += size) {
            groupGradient(dy, x, w, start, g, dx);
          }
        });
  }

  /**
   * @param g working memory
   */
  private void groupGradient(float[] dy, float[] x, float[] w, int start, float[] g, float[] dx) {
    double r = inverse(x, start);
    int weights = start % w.length;
    Slices.multiply(w, weights, dy, start, g, 0, size);
    double along = r * r * r * Slices.dot(g, 0, x, start, size) / size;
    Slices.addScaled((float) r, g, 0, dx, start, size);
    Slices.addScaled((float) -along, x, start, dx, start, size);
  }

  /** {@code dw += dy x r}, row after row whatever the number of threads. */
  void weightGradient(float[] dy, float[] x, int rows, float[] dw) {
    float[] inverses = new float[rows * (width / size)];
    parallel.forEach(
        inverses.length,
        size,
        (from, to, _) -> {
          for (int group = from; group < to; group++) {
            inverses[group] = (float) inverse(x, group * size);
          }
        });
    parallel.forEach(
        size, inverses.length, (from, to, _) -> weightGradient(dy, x, inverses, from, to, dw));
  }

  private void weightGradient(
      float[] dy, float[] x, float[] inverses, int from, int to, float[] dw) {
    for (int group = 0; group < inverses.length; group++) {
      int start = group * size;
      int weights = start % dw.length;
      Slices.addProduct(
          inverses[group], dy, start + from, x, start + from, dw, weights + from, to - from);
    }
  }

  private double inverse(float[] x, int start) {
    return 1 / Math.sqrt(Slices.dot(x, start, x, start, size) / size + epsilon);
  }
}
