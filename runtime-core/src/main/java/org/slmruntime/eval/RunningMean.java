package org.slmruntime.eval;

/**
 * Mean and standard error of values that come one by one (Welford, 1962): no large sums of squares
 * are subtracted, so only the last places of the mean are lost to rounding.
 */
final class RunningMean {
  private long count;
  private double mean;
  private double squares;

  void add(double value) {
    count++;
    double before = value - mean;
    mean += before / count;
    squares += before * (value - mean);
  }

  long count() {
    return count;
  }

  Estimate estimate() {
    double error = count < 2 ? Double.NaN : Math.sqrt(squares / (count - 1) / count);
    return new Estimate(count == 0 ? Double.NaN : mean, error);
  }
}
