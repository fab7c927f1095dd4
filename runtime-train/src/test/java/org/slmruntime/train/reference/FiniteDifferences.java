package org.slmruntime.train.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.function.DoubleSupplier;

/** Derivatives by trying: central differences of fourth order, in float64. */
final class FiniteDifferences {
  /** Small enough for smooth functions of unit size, large enough for what rounding leaves. */
  private static final double STEP = 1e-4;

  private FiniteDifferences() {}

  /**
   * @param function of {@code parameters}, which are changed meanwhile
   */
  static double[] gradient(DoubleSupplier function, double[] parameters) {
    double[] gradient = new double[parameters.length];
    for (int i = 0; i < parameters.length; i++) {
      int index = i;
      double before = parameters[i];
      gradient[i] =
          derivative(
              step -> {
                parameters[index] = before + step;
                return function.getAsDouble();
              });
      parameters[i] = before;
    }
    return gradient;
  }

  /** A function of how far to go. */
  interface Path {
    double at(double step);
  }

  /** The derivative at 0. */
  static double derivative(Path path) {
    double near = path.at(STEP) - path.at(-STEP);
    double far = path.at(2 * STEP) - path.at(-2 * STEP);
    return (8 * near - far) / (12 * STEP);
  }

  /** Fails where an element is off by more than {@code limit} times itself or the usual size. */
  static void assertClose(double[] actual, double[] expected, double limit, String what) {
    assertEquals(expected.length, actual.length, what);
    double size = Math.sqrt(Arrays.stream(expected).map(x -> x * x).average().orElse(0));
    for (int i = 0; i < actual.length; i++) {
      double allowed = limit * Math.max(Math.abs(expected[i]), Math.max(size, 1e-4));
      double error = Math.abs(actual[i] - expected[i]);
      if (!(error <= allowed)) {
        fail(what + ", element " + i + ": " + actual[i] + " should be " + expected[i]);
      }
    }
  }
}
