package org.slmruntime.train.cpu;

/**
 * Root mean square norms of groups of a row and their gradients; formulas in {@link
 * org.slmruntime.train.gradient.Gradient.RmsNorm}. Sums of a group are float64.
 *
 * @param size elements of a group
 */
record RmsNorms(Parallel parallel, int width, int size, double epsilon) {

  /** {@code y = w x r}. */
  void apply(float[] x, float[] w, int rows, float[] y) {
    parallel.forEach(
        rows,
        width,
        (from, to, _) -> {
          for (int start = from * width; start < to * width; start += size) {
            float r = (float) inverse(x, start);
            int weights = start % w.length;
            for (int i = 0; i < size; i++) {
              y[start + i] = w[weights + i] * x[start + i] * r;
            }
          }
        });
  }

  /** {@code dx += r g - r^3 x mean(g x)} with {@code g = w dy}. */
  void inputGradient(float[] dy, float[] x, float[] w, int rows, float[] dx) {
    parallel.forEach(
        rows,
        width,
        (from, to, _) -> {
          for (int start = from * width; start < to * width; start += size) {
            groupGradient(dy, x, w, start, dx);
          }
        });
  }

  private void groupGradient(float[] dy, float[] x, float[] w, int start, float[] dx) {
    double r = inverse(x, start);
    int weights = start % w.length;
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += w[weights + i] * dy[start + i] * x[start + i];
    }
    float factor = (float) r;
    float along = (float) (r * r * r * sum / size);
    for (int i = 0; i < size; i++) {
      dx[start + i] += factor * w[weights + i] * dy[start + i] - along * x[start + i];
    }
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
      float r = inverses[group];
      for (int i = from; i < to; i++) {
        dw[weights + i] += dy[start + i] * x[start + i] * r;
      }
    }
  }

  private double inverse(float[] x, int start) {
    double squares = 0;
    for (int i = start; i < start + size; i++) {
      squares += x[i] * x[i];
    }
    return 1 / Math.sqrt(squares / size + epsilon);
  }
}
