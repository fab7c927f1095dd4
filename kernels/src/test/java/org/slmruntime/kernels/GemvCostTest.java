package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slmruntime.ptx.Counters;
import org.slmruntime.ptx.PtxOptions;
import org.slmruntime.tensor.DType;

/** What a product of 256 rows and 4096 columns costs, rounding the activations included. */
class GemvCostTest {
  private static final int ROWS = 256;
  private static final int COLUMNS = 4096;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  /** Limits are instructions per weight, times lanes, for one token and for eight. */
  @ParameterizedTest
  @CsvSource({
    "F32, 4.2, 20",
    "F16, 5.1, 22",
    "BF16, 4.6, 21.4",
    "Q8_0, 2.75, 16",
    "Q4_0, 2.0, 14.2",
    "Q4_1, 2.25, 14.5",
    "Q5_0, 2.95, 15",
    "Q5_1, 3.1, 15.4",
    "IQ4_NL, 3.6, 15.3",
    "IQ4_XS, 3.8, 15.7",
    "Q2_K, 3.25, 17.1",
    "Q3_K, 3.6, 17.2",
    "Q4_K, 2.6, 14.9",
    "Q5_K, 3.45, 15.8",
    "Q6_K, 3.5, 17.1"
  })
  void staysWithinItsLimits(DType type, double one, double eight) {
    GemvCase gemv = new GemvCase(type, ROWS, COLUMNS, random);
    gemv.draw();
    gemv.blocks = 2;
    check(gemv, 1, one);
    // Eight tokens are rounded again for each turn of a block's warps, so one turn must do.
    gemv.blocks = 8;
    check(gemv, 8, eight);
  }

  private void check(GemvCase gemv, int tokens, double limit) {
    gemv.tokens = tokens;
    Counters cost;
    try (KernelLab lab = new KernelLab(PtxOptions.fast())) {
      cost = gemv.run(lab, tokens).counters();
    }
    String what = " by " + gemv + ", seed " + seed;
    double perWeight = (double) cost.laneInstructions() / (ROWS * COLUMNS);
    assertTrue(perWeight <= limit, () -> perWeight + " instructions per weight" + what);
    // Each block reads all activations once, each weight is read once in all.
    double ideal = (gemv.matrix.planeBytes() + 4.0 * gemv.blocks * tokens * COLUMNS) / 32;
    double sectors = cost.globalLoadSectors() / ideal;
    assertTrue(sectors <= 1.1, () -> sectors + " times the sectors" + what);
    double wavefronts = (double) cost.sharedWavefronts() / cost.sharedIdealWavefronts();
    assertTrue(wavefronts <= 1.1, () -> wavefronts + " times the wavefronts" + what);
    assertEquals(0, cost.localAccesses(), what);
  }
}
