package org.slmruntime.train.chart;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * A range of numbers with round marks: 1, 2 or 5 times a power of ten apart, the first and the last
 * at the ends of the range. Decimals are exact, so that 0.3 is no 0.30000000000000004.
 */
record Axis(List<BigDecimal> ticks) {
  /**
   * The smallest range that holds the values.
   *
   * @param most marks, about
   */
  static Axis around(double min, double max, int most) {
    BigDecimal low = BigDecimal.valueOf(min);
    BigDecimal high = BigDecimal.valueOf(max);
    BigDecimal step = step(high.subtract(low), low.abs().max(high.abs()), most);
    BigDecimal first = low.divide(step, 0, RoundingMode.FLOOR);
    BigDecimal last = high.divide(step, 0, RoundingMode.CEILING).max(first.add(BigDecimal.ONE));
    List<BigDecimal> ticks = new ArrayList<>();
    for (BigDecimal n = first; n.compareTo(last) <= 0; n = n.add(BigDecimal.ONE)) {
      ticks.add(n.multiply(step));
    }
    return new Axis(List.copyOf(ticks));
  }

  /** Equal values get a range as large as themselves, or one of 1. */
  private static BigDecimal step(BigDecimal span, BigDecimal size, int most) {
    BigDecimal range = span.signum() > 0 ? span : size.signum() > 0 ? size : BigDecimal.ONE;
    BigDecimal rough = range.divide(BigDecimal.valueOf(most), MathContext.DECIMAL64);
    BigDecimal power = BigDecimal.ONE.scaleByPowerOfTen(rough.precision() - rough.scale() - 1);
    for (int factor : new int[] {1, 2, 5}) {
      BigDecimal step = power.multiply(BigDecimal.valueOf(factor));
      if (step.compareTo(rough) >= 0) {
        return step;
      }
    }
    return power.scaleByPowerOfTen(1);
  }

  /** Where a value lies: 0 at the first mark, 1 at the last. */
  double share(double value) {
    double first = ticks.getFirst().doubleValue();
    return (value - first) / (ticks.getLast().doubleValue() - first);
  }

  /** How a mark is written. */
  static String label(BigDecimal tick) {
    BigDecimal plain = tick.signum() == 0 ? BigDecimal.ZERO : tick.stripTrailingZeros();
    boolean isShort = plain.precision() - plain.scale() <= 6 && plain.scale() <= 6;
    return isShort ? plain.toPlainString() : plain.toString();
  }
}
