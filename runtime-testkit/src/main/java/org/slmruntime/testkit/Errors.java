package org.slmruntime.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** How far results are apart. */
public final class Errors {
  private Errors() {}

  /** {@code sqrt(mean((a - b)^2) / mean(b^2))}; NaN where a number is missing. */
  public static double relativeRms(float[] actual, float[] expected) {
    return relativeRms(actual, expected, 0);
  }

  /**
   * The same, but relative to {@code floor} where the expected numbers are smaller: few of them may
   * nearly cancel out.
   */
  public static double relativeRms(float[] actual, float[] expected, double floor) {
    assertTrue(actual.length == expected.length, "lengths differ");
    double error = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      double d = (double) actual[i] - expected[i];
      error += d * d;
      size += (double) expected[i] * expected[i];
    }
    double least = floor * floor * expected.length;
    return error == 0 ? 0 : Math.sqrt(error / Math.max(size, least));
  }

  /** Largest absolute difference. */
  public static double max(float[] actual, float[] expected) {
    assertTrue(actual.length == expected.length, "lengths differ");
    double max = 0;
    for (int i = 0; i < expected.length; i++) {
      double d = Math.abs((double) actual[i] - expected[i]);
      max = d <= max ? max : d; // NaN becomes the largest.
    }
    return max;
  }

  /** Fails unless the relative RMS error is within the limit. */
  public static void assertClose(float[] actual, float[] expected, double limit, String what) {
    assertClose(actual, expected, limit, 0, what);
  }

  /** The same with a floor, see {@link #relativeRms(float[], float[], double)}. */
  public static void assertClose(
      float[] actual, float[] expected, double limit, double floor, String what) {
    double error = relativeRms(actual, expected, floor);
    assertTrue(error <= limit, () -> what + ": relative RMS error " + error + " exceeds " + limit);
  }
}
