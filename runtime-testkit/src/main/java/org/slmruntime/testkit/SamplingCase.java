package org.slmruntime.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.slmruntime.backend.spi.DeviceSampling;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.Weight;
import org.slmruntime.sampling.TokenDraws;
import org.slmruntime.tensor.DType;

/** A graph whose logits are rows of a table, so that they are known to the bit. */
final class SamplingCase {
  private static final int ROWS = 24;

  /** More than the threads of any block, and no multiple of anything. */
  private static final int VOCABULARY = 1501;

  private static final float NAN = Float.NaN;
  private static final float INFINITY = Float.POSITIVE_INFINITY;

  /** Rows from here on have nothing to choose from. */
  private static final int USELESS = ROWS - 3;

  private final Random random;
  private final float[][] table = new float[ROWS][VOCABULARY];
  private final TokenDraws draws = new TokenDraws();

  SamplingCase(Random random) {
    this.random = random;
    for (int row = 0; row < ROWS; row++) {
      double spread = Math.exp(random.nextDouble() * 4 - 1);
      boolean coarse = row % 4 == 0;
      for (int id = 0; id < VOCABULARY; id++) {
        double logit = random.nextGaussian() * spread;
        // Whole numbers make many equal logits.
        table[row][id] = (float) (coarse ? Math.rint(logit) : logit);
      }
      table[row][random.nextInt(VOCABULARY)] = Float.NEGATIVE_INFINITY;
    }
    table[USELESS][700] = NAN;
    table[USELESS + 1][1400] = INFINITY;
    Arrays.fill(table[USELESS + 2], Float.NEGATIVE_INFINITY);
  }

  Graph graph() {
    GraphBuilder graph = new GraphBuilder("sampling");
    Weight rows = Weight.matrix("rows", ROWS, VOCABULARY);
    return graph.build(graph.gatherRows("logits", graph.embed("rows", rows)));
  }

  Weights weights() {
    MemorySegment data = Arena.ofAuto().allocate(4L * ROWS * VOCABULARY, 64);
    for (int row = 0; row < ROWS; row++) {
      MemorySegment.copy(
          table[row], 0, data, ValueLayout.JAVA_FLOAT, 4L * row * VOCABULARY, VOCABULARY);
    }
    return _ -> new Weights.Stored(DType.F32, data);
  }

  /** Rows of usable logits, each with settings of its own. */
  void check(DeviceSampling device, int rows, boolean greedy, String hint) {
    int[] tokens = random.ints(rows, 0, USELESS).toArray();
    draws.clear();
    for (int row = 0; row < rows; row++) {
      if (greedy || random.nextInt(5) == 0) {
        draws.addGreedy();
      } else {
        addRandom();
      }
    }
    int[] ids = device.step(input(tokens), draws);
    float[] logits = device.logits();
    for (int row = 0; row < rows; row++) {
      int at = row * VOCABULARY;
      assertArrayEquals(table[tokens[row]], Arrays.copyOfRange(logits, at, at + VOCABULARY));
      String what =
          "%s, row %d: %d of table row %d; temperature %s, top k %d, top p %s, min p %s, uniform %s"
              .formatted(
                  hint,
                  row,
                  ids[row],
                  tokens[row],
                  draws.temperature(row),
                  draws.topK(row),
                  draws.topP(row),
                  draws.minP(row),
                  draws.uniform(row));
      assertTrue(TokenChooser.couldBe(ids[row], table[tokens[row]], draws, row), what);
    }
  }

  private void addRandom() {
    draws.add(
        0.2f + 2 * random.nextFloat(),
        random.nextBoolean() ? 0 : 1 + random.nextInt(random.nextBoolean() ? 5 : 2000),
        random.nextBoolean() ? 1 : 0.05f + 0.9f * random.nextFloat(),
        random.nextBoolean() ? 0 : random.nextFloat() / 2,
        random.nextDouble());
  }

  void checkUseless(DeviceSampling device) {
    for (boolean greedy : new boolean[] {true, false}) {
      draws.clear();
      for (int row = 0; row < 4; row++) {
        if (greedy) {
          draws.addGreedy();
        } else {
          draws.add(1, 0, 0.9f, 0, 0.5);
        }
      }
      int[] ids = device.step(input(USELESS, 0, USELESS + 1, USELESS + 2), draws);
      assertTrue(ids[0] < 0, "NaN: " + ids[0]);
      assertTrue(ids[1] >= 0, "usable: " + ids[1]);
      assertTrue(ids[2] < 0, "infinite: " + ids[2]);
      assertTrue(ids[3] < 0, "all minus infinity: " + ids[3]);
    }
  }

  private static StepInput input(int... tokens) {
    StepInput input = new StepInput();
    for (int token : tokens) {
      input.beginSequence(new int[] {0}, 1);
      input.addToken(token, 0, true);
    }
    return input;
  }
}
