package org.slmruntime.train.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.slmruntime.train.TrainException;

class AdamWTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  @Test
  void firstStepMovesByTheRateAgainstTheSign() {
    AdamW adam = new AdamW(0.9, 0.999, 1e-12, 0);
    float[] weights = {1, 2, 3};
    adam.update(weights, new float[] {0.5f, -700, 1e-3f}, AdamW.Moments.zeros(3), 1, 0.25, true);
    assertArrayEquals(new float[] {0.75f, 2.25f, 2.75f}, weights, 1e-6f);
  }

  @Test
  void decayShrinksWeightsByThemselvesAndOnlyWhereAsked() {
    AdamW adam = new AdamW(0.9, 0.999, 1e-8, 0.5);
    float[] weights = {8, -4};
    adam.update(weights, new float[2], AdamW.Moments.zeros(2), 1, 0.25, true);
    assertArrayEquals(new float[] {7, -3.5f}, weights);
    adam.update(weights, new float[2], AdamW.Moments.zeros(2), 1, 0.25, false);
    assertArrayEquals(new float[] {7, -3.5f}, weights);
  }

  /**
   * The paper's algorithm 2, in the paper's form: moments as sums over all gradients so far, in
   * decimal arithmetic.
   */
  @Test
  void followsThePaperOverManySteps() {
    Random random = new Random(seed);
    AdamW adam = new AdamW(0.75, 0.875, 0.01, 0.125);
    float[] weight = {(float) random.nextGaussian()};
    double expected = weight[0];
    AdamW.Moments moments = AdamW.Moments.zeros(1);
    float[] gradients = new float[12];
    for (int step = 1; step <= gradients.length; step++) {
      gradients[step - 1] = (float) random.nextGaussian();
      adam.update(weight, new float[] {gradients[step - 1]}, moments, step, 0.03, true);
      double mean = average(gradients, step, "0.75", 1);
      double variance = average(gradients, step, "0.875", 2);
      expected -= 0.03 * (mean / (Math.sqrt(variance) + 0.01) + 0.125 * expected);
      assertEquals(expected, weight[0], 1e-6, "step " + step + ", seed " + seed);
    }
  }

  /** The mean of powers of the first gradients whose weights fall by {@code decay}. */
  private static double average(float[] gradients, int count, String decay, int power) {
    BigDecimal sum = BigDecimal.ZERO;
    BigDecimal total = BigDecimal.ZERO;
    for (int i = 0; i < count; i++) {
      BigDecimal share = new BigDecimal(decay).pow(count - 1 - i);
      sum = sum.add(share.multiply(new BigDecimal(gradients[i]).pow(power)));
      total = total.add(share);
    }
    return sum.divide(total, MathContext.DECIMAL64).doubleValue();
  }

  @Test
  void refusesSettingsAndStepsThatMakeNoSense() {
    assertThrows(TrainException.class, () -> new AdamW(1, 0.9, 1e-8, 0));
    assertThrows(TrainException.class, () -> new AdamW(0.9, Double.NaN, 1e-8, 0));
    assertThrows(TrainException.class, () -> new AdamW(0.9, 0.9, 0, 0));
    assertThrows(TrainException.class, () -> new AdamW(0.9, 0.9, 1e-8, -1));
    AdamW adam = new AdamW(0.9, 0.999, 1e-8, 0);
    AdamW.Moments two = AdamW.Moments.zeros(2);
    assertThrows(
        TrainException.class, () -> adam.update(new float[2], new float[2], two, 0, 1, false));
    assertThrows(
        TrainException.class, () -> adam.update(new float[2], new float[3], two, 1, 1, false));
    assertThrows(
        TrainException.class, () -> adam.update(new float[3], new float[3], two, 1, 1, false));
  }
}
