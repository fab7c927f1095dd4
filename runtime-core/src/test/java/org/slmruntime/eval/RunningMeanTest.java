package org.slmruntime.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class RunningMeanTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  @RepeatedTest(10)
  void agreesWithTwoPassesEvenFarFromZero() {
    int count = random.nextInt(2, 1000);
    double far = random.nextBoolean() ? 1e9 : 0;
    double[] values = random.doubles(count, -1, 1).map(x -> far + x).toArray();
    RunningMean running = new RunningMean();
    Arrays.stream(values).forEach(running::add);
    double mean = Arrays.stream(values).map(x -> x - far).sum() / count;
    double squares = Arrays.stream(values).map(x -> x - far - mean).map(x -> x * x).sum();
    Estimate estimate = running.estimate();
    // The mean is rounded with each value.
    double rounding = 1e-12 + count * Math.ulp(far);
    assertEquals(count, running.count());
    assertEquals(far + mean, estimate.mean(), rounding, () -> "seed " + seed);
    assertEquals(
        Math.sqrt(squares / (count - 1) / count),
        estimate.standardError(),
        rounding,
        () -> "seed " + seed);
  }

  @Test
  void hasNoErrorForOneValueAndNoMeanForNone() {
    RunningMean running = new RunningMean();
    assertEquals(new Estimate(Double.NaN, Double.NaN), running.estimate());
    running.add(3);
    assertEquals(new Estimate(3, Double.NaN), running.estimate());
  }
}
