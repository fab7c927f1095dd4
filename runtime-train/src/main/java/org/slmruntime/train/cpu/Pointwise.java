package org.slmruntime.train.cpu;

/** Operations on each element by itself, over the first {@code count} of arrays. */
record Pointwise(Parallel parallel) {
  void add(float[] a, float[] b, int count, float[] y) {
    parallel.forEach(
        count,
        1,
        (from, to, _) -> {
          for (int i = from; i < to; i++) {
            y[i] = a[i] + b[i];
          }
        });
  }

  void multiply(float[] a, float[] b, int count, float[] y) {
    parallel.forEach(
        count,
        1,
        (from, to, _) -> {
          for (int i = from; i < to; i++) {
            y[i] = a[i] * b[i];
          }
        });
  }

  /** {@code y += a b}. */
  void addProduct(float[] a, float[] b, int count, float[] y) {
    parallel.forEach(
        count,
        1,
        (from, to, _) -> {
          for (int i = from; i < to; i++) {
            y[i] += a[i] * b[i];
          }
        });
  }

  /** {@code y += factor x}. */
  void addScaled(float[] x, float factor, int count, float[] y) {
    parallel.forEach(
        count,
        1,
        (from, to, _) -> {
          for (int i = from; i < to; i++) {
            y[i] += factor * x[i];
          }
        });
  }

  /** {@code y = cap tanh(x / cap)}. */
  void softcap(float[] x, float cap, int count, float[] y) {
    parallel.forEach(
        count,
        1,
        (from, to, _) -> {
          for (int i = from; i < to; i++) {
            y[i] = cap * (float) Math.tanh(x[i] / cap);
          }
        });
  }

  /** {@code dx += (1 - (y / cap)^2) dy}. */
  void softcapGradient(float[] dy, float[] y, float cap, int count, float[] dx) {
    parallel.forEach(
        count,
        1,
        (from, to, _) -> {
          for (int i = from; i < to; i++) {
            float tanh = y[i] / cap;
            dx[i] += (1 - tanh * tanh) * dy[i];
          }
        });
  }
}
