package org.slmruntime.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.slmruntime.graph.Weight;

class DropoutTest {
  private static final int ROWS = 200;
  private static final int COLUMNS = 100;
  private static final Weight A = Weight.matrix("a", 8, COLUMNS);
  private static final Weight B = Weight.matrix("b", 8, COLUMNS);

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  private boolean[] kept(Dropout dropout, Weight weight) {
    Dropout.Mask mask = dropout.mask(weight);
    boolean[] kept = new boolean[ROWS * COLUMNS];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = mask.keeps(i / COLUMNS, i % COLUMNS);
    }
    return kept;
  }

  private static double share(boolean[] some) {
    int count = 0;
    for (boolean one : some) {
      count += one ? 1 : 0;
    }
    return (double) count / some.length;
  }

  /** How often two masks agree. */
  private static double agreement(boolean[] a, boolean[] b) {
    boolean[] same = new boolean[a.length];
    for (int i = 0; i < same.length; i++) {
      same[i] = a[i] == b[i];
    }
    return share(same);
  }

  /** Six standard deviations or more of a share of 20000 coins. */
  private void assertShare(double expected, double actual) {
    assertEquals(expected, actual, 0.022, "seed " + seed);
  }

  @Test
  void leavesOutTheShareThatWasAskedFor() {
    for (double rate : new double[] {0.01, 0.1, 0.5, 0.95}) {
      Dropout dropout = new Dropout(Set.of(A), rate, random.nextLong());
      assertShare(1 - rate, share(kept(dropout, A)));
      assertEquals(1, (1 - rate) * dropout.scale(), 1e-12);
    }
  }

  @Test
  void masksOfOtherSeedsWeightsRowsAndColumnsHaveNothingInCommon() {
    Dropout dropout = new Dropout(Set.of(A, B), 0.5, random.nextLong());
    boolean[] mask = kept(dropout, A);
    assertEquals(1, agreement(mask, kept(dropout.withSeed(dropout.seed()), A)));
    assertShare(0.5, agreement(mask, kept(dropout.withSeed(dropout.seed() + 1), A)));
    assertShare(0.5, agreement(mask, kept(dropout, B)));
    assertShare(0.5, agreement(mask, shifted(mask, 1)));
    assertShare(0.5, agreement(mask, shifted(mask, COLUMNS)));
  }

  private static boolean[] shifted(boolean[] mask, int by) {
    boolean[] shifted = new boolean[mask.length];
    for (int i = 0; i < mask.length; i++) {
      shifted[i] = mask[(i + by) % mask.length];
    }
    return shifted;
  }

  @Test
  void thinsTheNamedInputsAloneAndNoneAtRateZero() {
    assertTrue(new Dropout(Set.of(A), 0.5, 1).thins(A));
    assertFalse(new Dropout(Set.of(A), 0.5, 1).thins(B));
    assertFalse(new Dropout(Set.of(A), 0, 1).thins(A));
  }

  @Test
  void refusesRatesThatLeaveNothing() {
    for (double rate : new double[] {-0.1, 1, Double.NaN, Double.POSITIVE_INFINITY}) {
      TrainException e = assertThrows(TrainException.class, () -> new Dropout(Set.of(A), rate, 1));
      assertTrue(e.getMessage().contains(Double.toString(rate)), e.getMessage());
    }
  }
}
