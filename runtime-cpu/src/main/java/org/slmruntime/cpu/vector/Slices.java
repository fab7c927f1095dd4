package org.slmruntime.cpu.vector;

import static jdk.incubator.vector.VectorOperators.MAX;
import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * Arithmetic on slices of arrays that begin at different indices. C2 leaves plain loops over such
 * slices scalar: for all it knows, they overlap. What is written is no part of what is read, or
 * exactly the same slice. An element's value does not depend on where it lies.
 */
public final class Slices {
  private Slices() {}

  /** {@code y = a b}. */
  public static void multiply(float[] a, int i, float[] b, int j, float[] y, int k, int count) {
    int n = 0;
    for (; n <= count - COUNT; n += COUNT) {
      FloatVector.fromArray(FLOATS, a, i + n)
          .mul(FloatVector.fromArray(FLOATS, b, j + n))
          .intoArray(y, k + n);
    }
    for (; n < count; n++) {
      y[k + n] = a[i + n] * b[j + n];
    }
  }

  /** {@code y += factor a b}. */
  public static void addProduct(
      float factor, float[] a, int i, float[] b, int j, float[] y, int k, int count) {
    int n = 0;
    for (; n <= count - COUNT; n += COUNT) {
      FloatVector.fromArray(FLOATS, a, i + n)
          .mul(FloatVector.fromArray(FLOATS, b, j + n))
          .mul(factor)
          .add(FloatVector.fromArray(FLOATS, y, k + n))
          .intoArray(y, k + n);
    }
    for (; n < count; n++) {
      y[k + n] = a[i + n] * b[j + n] * factor + y[k + n];
    }
  }

  /** {@code y += factor x}. */
  public static void addScaled(float factor, float[] x, int i, float[] y, int k, int count) {
    int n = 0;
    for (; n <= count - COUNT; n += COUNT) {
      FloatVector.fromArray(FLOATS, x, i + n)
          .mul(factor)
          .add(FloatVector.fromArray(FLOATS, y, k + n))
          .intoArray(y, k + n);
    }
    for (; n < count; n++) {
      y[k + n] = x[i + n] * factor + y[k + n];
    }
  }

  /**
   * The largest element.
   *
   * @param count at least one
   */
  public static float max(float[] x, int from, int count) {
    float max = x[from];
    int n = 0;
    if (count >= COUNT) {
      FloatVector largest = FloatVector.fromArray(FLOATS, x, from);
      for (n = COUNT; n <= count - COUNT; n += COUNT) {
        largest = largest.max(FloatVector.fromArray(FLOATS, x, from + n));
      }
      max = largest.reduceLanes(MAX);
    }
    for (; n < count; n++) {
      max = Math.max(max, x[from + n]);
    }
    return max;
  }

  /** The sum in float64, added four by four: one addition need not wait for the one before. */
  public static double sum(float[] x, int from, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int n = 0;
    for (; n <= count - 4; n += 4) {
      a += x[from + n];
      b += x[from + n + 1];
      c += x[from + n + 2];
      d += x[from + n + 3];
    }
    for (; n < count; n++) {
      a += x[from + n];
    }
    return (a + b) + (c + d);
  }

  /** {@code sum a b} in float64, likewise. */
  public static double dot(float[] a, int i, float[] b, int j, int count) {
    double p = 0;
    double q = 0;
    double r = 0;
    double s = 0;
    int n = 0;
    for (; n <= count - 4; n += 4) {
      p += a[i + n] * b[j + n];
      q += a[i + n + 1] * b[j + n + 1];
      r += a[i + n + 2] * b[j + n + 2];
      s += a[i + n + 3] * b[j + n + 3];
    }
    for (; n < count; n++) {
      p += a[i + n] * b[j + n];
    }
    return (p + q) + (r + s);
  }
}
