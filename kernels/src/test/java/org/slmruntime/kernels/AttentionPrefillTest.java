package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.slmruntime.kernels.AttentionLab.Options;
import org.slmruntime.kernels.AttentionLab.Shape;
import org.slmruntime.kernels.AttentionLab.Tokens;

class AttentionPrefillTest {
  /** Queries and weights are split in two f16 parts; the rest is float32. */
  private static final double TOLERANCE = 3e-6;

  private static final int[] BLOCK_TOKENS = {1, 5, 16, 64};

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  private int any(int... choices) {
    return choices[random.nextInt(choices.length)];
  }

  /** The last tokens of one sequence, in tiles of 64. */
  private void check(Shape shape, Options options, int context, int count) {
    try (KernelLab lab = new KernelLab(seed)) {
      AttentionLab attention = new AttentionLab(lab, random, shape, context);
      int[] positions = new int[count];
      int[][] tiles = new int[Math.ceilDiv(count, 64)][];
      for (int t = 0; t < count; t++) {
        positions[t] = context - count + t;
        tiles[t / 64] = new int[] {t - t % 64, t % 64 + 1, 0, context - count + t - t % 64};
      }
      Tokens tokens = attention.tokens(new int[count], positions);
      float[] actual = attention.prefill(tokens, options, tiles);
      double error = AttentionLab.relativeError(attention.expected(tokens, options), actual);
      assertTrue(
          error <= TOLERANCE,
          () ->
              shape + " " + options + " " + context + "/" + count + ": " + error + ", seed "
                  + seed);
    }
  }

  private Shape shape(CacheFormat format, int size) {
    int kvHeads = any(1, 2);
    return Shape.of(format, kvHeads * any(1, 3), kvHeads, size, any(BLOCK_TOKENS));
  }

  @Test
  void matchesDoublePrecision() {
    for (CacheFormat format : new CacheFormat[] {CacheFormat.F16, CacheFormat.Q8_0}) {
      for (int size : new int[] {64, 128}) {
        check(shape(format, size), Options.PLAIN, 66 + random.nextInt(10), 66);
        check(shape(format, size), Options.PLAIN, 90 + random.nextInt(20), 1 + random.nextInt(20));
      }
    }
  }

  @Test
  void seesAllTokensAroundTheEdgesOfRowsAndTiles() {
    for (int context : new int[] {1, 15, 16, 17, 31, 32, 33, 63, 64, 65}) {
      Shape shape = Shape.of(CacheFormat.F16, 1, 1, any(64, 128), any(BLOCK_TOKENS));
      check(shape, Options.PLAIN, context, Math.min(context, any(1, 17, 64)));
    }
  }

  @Test
  void seesOnlyTheWindow() {
    for (int window : new int[] {1, 5, 17, 1000}) {
      for (CacheFormat format : new CacheFormat[] {CacheFormat.F16, CacheFormat.Q8_0}) {
        Shape shape = shape(format, any(64, 128));
        check(shape, Options.PLAIN.withWindow(window), 101, any(20, 40));
      }
    }
  }

  @Test
  void capsScoresAndCountsSinks() {
    for (CacheFormat format : new CacheFormat[] {CacheFormat.F16, CacheFormat.Q8_0}) {
      Shape shape = Shape.of(format, 3, 1, any(64, 128), 16);
      float[] sinks = {(float) random.nextGaussian(), 4, -3};
      check(shape, new Options(1.5f, 0, null), 40, 20);
      check(shape, new Options(0, 7, sinks), 40, 20);
      check(shape, new Options(30, 0, sinks), 40, 20);
    }
  }

  @Test
  void takesQueriesOfAnyMagnitude() {
    for (float factor : new float[] {1e-20f, 1, 1e30f}) {
      try (KernelLab lab = new KernelLab(seed)) {
        Shape shape = Shape.of(CacheFormat.F16, 1, 1, 64, 16);
        AttentionLab attention = new AttentionLab(lab, random, shape, 33);
        attention.setScale(0.125f / factor);
        float[] queries = attention.gaussians(64);
        for (int i = 0; i < queries.length; i++) {
          queries[i] *= factor;
        }
        Tokens tokens = new Tokens(new int[1], new int[] {32}, queries);
        float[] actual = attention.prefill(tokens, Options.PLAIN, new int[] {0, 1, 0, 32});
        double[] expected = attention.expected(tokens, Options.PLAIN);
        double error = AttentionLab.relativeError(expected, actual);
        assertTrue(error <= TOLERANCE, factor + ": " + error + ", seed " + seed);
      }
    }
  }

  @Test
  void servesTilesOfSeveralSequencesAndPadding() {
    for (CacheFormat format : new CacheFormat[] {CacheFormat.F16, CacheFormat.Q8_0}) {
      try (KernelLab lab = new KernelLab(seed)) {
        Shape shape = Shape.of(format, 2, 1, any(64, 128), any(BLOCK_TOKENS));
        AttentionLab attention = new AttentionLab(lab, random, shape, 20, 50);
        int[] sequences = new int[17];
        int[] positions = new int[17];
        for (int t = 0; t < 17; t++) {
          sequences[t] = t < 3 ? 0 : 1;
          positions[t] = t < 3 ? 17 + t : t < 15 ? 35 + t : -1;
        }
        Tokens tokens = attention.tokens(sequences, positions);
        int[][] tiles = {{3, 12, 1, 38}, {0, 3, 0, 17}, {15, 2, 0, -1}};
        float[] actual = attention.prefill(tokens, Options.PLAIN, tiles);
        double[] expected = attention.expected(tokens, Options.PLAIN);
        double error = AttentionLab.relativeError(expected, actual);
        assertTrue(error <= TOLERANCE, shape + ": " + error + ", seed " + seed);
        for (int i = 15 * 2 * shape.valueSize(); i < actual.length; i++) {
          assertEquals(0, actual[i], "padding, seed " + seed);
        }
      }
    }
  }
}
