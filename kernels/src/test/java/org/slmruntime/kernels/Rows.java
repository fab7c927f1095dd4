package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.SplittableRandom;

/**
 * Rows of floats whose stride exceeds their width, as views of wider values have.
 *
 * @param values [rows][stride]
 */
record Rows(float[] values, int rows, int width, int stride) {
  /** A value that no kernel computes, to see that the space between rows is left alone. */
  private static final float UNTOUCHED = -12345.678f;

  /** An element of a row. */
  interface Element {
    double at(int row, int column);
  }

  static Rows of(int rows, int width, int stride, Element element) {
    float[] values = new float[rows * stride];
    java.util.Arrays.fill(values, UNTOUCHED);
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < width; i++) {
        values[row * stride + i] = (float) element.at(row, i);
      }
    }
    return new Rows(values, rows, width, stride);
  }

  /** Normally distributed. */
  static Rows random(SplittableRandom random, int rows, int width, double spread) {
    int stride = width + random.nextInt(5);
    return of(rows, width, stride, (row, i) -> spread * random.nextGaussian());
  }

  /** Untouched rows, for results. */
  static Rows empty(SplittableRandom random, int rows, int width) {
    return of(rows, width, width + random.nextInt(5), (row, i) -> UNTOUCHED);
  }

  float at(int row, int column) {
    return values[row * stride + column];
  }

  Rows with(float[] other) {
    return new Rows(other, rows, width, stride);
  }

  /** Checks every element against its definition, and that nothing else was written. */
  void check(Element expected, double relative, double absolute, String what) {
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < stride; i++) {
        double wanted = i < width ? expected.at(row, i) : UNTOUCHED;
        double error = Math.abs(at(row, i) - (i < width ? wanted : (double) UNTOUCHED));
        if (!(error <= absolute + relative * Math.abs(wanted))) {
          fail(what + ": [" + row + "][" + i + "] is " + at(row, i) + " instead of " + wanted);
        }
      }
    }
  }
}
