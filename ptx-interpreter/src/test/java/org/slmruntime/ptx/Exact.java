package org.slmruntime.ptx;

import java.math.BigDecimal;
import java.util.function.LongToDoubleFunction;

/** Rounds exact decimals to binary formats by comparing the candidates: slow and simple. */
final class Exact {
  private Exact() {}

  /** The 16-bit number nearest to an exact value, ties to the even one. */
  static long nearest(BigDecimal exact, LongToDoubleFunction decode) {
    long low = 0;
    long high = 0x7fff;
    BigDecimal magnitude = exact.abs();
    while (!Double.isFinite(decode.applyAsDouble(high))) {
      high--;
    }
    long largest = high;
    while (low < high) {
      long middle = (low + high + 1) / 2;
      if (new BigDecimal(decode.applyAsDouble(middle)).compareTo(magnitude) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    BigDecimal below = new BigDecimal(decode.applyAsDouble(low));
    BigDecimal step =
        low == largest
            ? below.subtract(new BigDecimal(decode.applyAsDouble(low - 1)))
            : new BigDecimal(decode.applyAsDouble(low + 1)).subtract(below);
    int order = magnitude.subtract(below).multiply(BigDecimal.TWO).compareTo(step);
    long result = order > 0 || order == 0 && (low & 1) == 1 ? low + 1 : low;
    return exact.signum() < 0 ? result | 0x8000 : result;
  }

  /** The float next to an exact value in a direction. */
  static float directed(BigDecimal exact, String mode) {
    float nearest = exact.floatValue();
    boolean up = mode.equals("rp") || mode.equals("rz") && exact.signum() < 0;
    if (Float.isInfinite(nearest)) {
      return up == nearest > 0 ? nearest : Math.nextAfter(nearest, 0);
    }
    int order = new BigDecimal(nearest).compareTo(exact);
    if (order < 0 && up) {
      return Math.nextUp(nearest);
    }
    return order > 0 && !up ? Math.nextDown(nearest) : nearest;
  }

  static double half(long bits) {
    return Float.float16ToFloat((short) bits);
  }

  static double bfloat(long bits) {
    return Float.intBitsToFloat((int) bits << 16);
  }
}
