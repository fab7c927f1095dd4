package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.slmruntime.kernels.AttentionLab.Options;
import org.slmruntime.kernels.AttentionLab.Shape;
import org.slmruntime.kernels.AttentionLab.Tokens;
import org.slmruntime.ptx.PtxOptions;

class AttentionDecodeTest {
  private static final double TOLERANCE = 2e-6;
  private static final int[] SPLITS = {1, 3, 4, 16, 37};
  private static final int[] BLOCK_TOKENS = {1, 5, 16, 64};

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  private void check(Shape shape, Options options, int splits, int... contexts) {
    try (KernelLab lab = new KernelLab(seed)) {
      AttentionLab attention = new AttentionLab(lab, random, shape, contexts);
      Tokens tokens = lastOfEach(attention, contexts);
      float[] actual = attention.decode(attention.decodeEntry(), tokens, options, splits);
      double error = AttentionLab.relativeError(attention.expected(tokens, options), actual);
      assertTrue(
          error <= TOLERANCE,
          () -> shape + " " + options + " splits " + splits + ": " + error + ", seed " + seed);
    }
  }

  /** A token at the end of every sequence, and a padding token in their midst. */
  private static Tokens lastOfEach(AttentionLab attention, int[] contexts) {
    int[] sequences = new int[contexts.length + 1];
    int[] positions = new int[contexts.length + 1];
    int padding = contexts.length / 2;
    for (int t = 0; t <= contexts.length; t++) {
      int sequence = t > padding ? t - 1 : t;
      sequences[t] = t == padding ? 0 : sequence;
      positions[t] = t == padding ? -1 : contexts[sequence] - 1;
    }
    return attention.tokens(sequences, positions);
  }

  private int any(int... choices) {
    return choices[random.nextInt(choices.length)];
  }

  @Test
  void matchesDoublePrecisionInTheTunedSizes() {
    for (CacheFormat format : CacheFormat.values()) {
      for (int size : new int[] {64, 128, 256}) {
        int kvHeads = any(1, 2);
        Shape shape = Shape.of(format, kvHeads * any(1, 2, 4, 8), kvHeads, size, any(BLOCK_TOKENS));
        check(shape, Options.PLAIN, any(SPLITS), 1, 20 + random.nextInt(60));
      }
    }
  }

  @Test
  void matchesDoublePrecisionInAnySizes() {
    int[][] sizes = {
      {7, 7}, {24, 40}, {33, 1}, {40, 24}, {96, 96}, {200, 129}, {257, 80}, {16, 512}
    };
    for (CacheFormat format : CacheFormat.values()) {
      for (int[] size : sizes) {
        int kvHeads = any(1, 3);
        int heads = kvHeads * any(1, 2, 8);
        Shape shape = new Shape(format, heads, kvHeads, size[0], size[1], any(BLOCK_TOKENS));
        check(shape, Options.PLAIN, any(SPLITS), 1, 10 + random.nextInt(30));
      }
    }
  }

  @Test
  void seesAllTokensAroundTheEdgesOfBlocksStepsAndSplits() {
    for (int splits : SPLITS) {
      Shape shape = Shape.of(CacheFormat.F16, 2, 1, 64, any(5, 8, 16));
      check(shape, Options.PLAIN, splits, 2, 3, 4, 5, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65);
    }
  }

  @Test
  void seesOnlyTheWindow() {
    for (int window : new int[] {1, 5, 17, 1000}) {
      for (CacheFormat format : CacheFormat.values()) {
        Shape shape = Shape.of(format, 4, 2, any(24, 64, 128), any(BLOCK_TOKENS));
        check(shape, Options.PLAIN.withWindow(window), any(1, 3), 4, 17, 18, 50);
      }
    }
  }

  @Test
  void sharesKeysAndValuesInGroupsOfAnySize() {
    for (int group : new int[] {1, 2, 5, 8, 10, 40}) {
      CacheFormat format = CacheFormat.values()[random.nextInt(3)];
      Shape shape = Shape.of(format, 2 * group, 2, any(40, 64, 128), any(BLOCK_TOKENS));
      check(shape, Options.PLAIN, any(1, 3), 30 + random.nextInt(10));
    }
  }

  @Test
  void capsScoresAndCountsSinks() {
    for (CacheFormat format : CacheFormat.values()) {
      Shape shape = Shape.of(format, 6, 2, any(64, 80), 16);
      float[] sinks = new float[6];
      for (int i = 0; i < sinks.length; i++) {
        sinks[i] = 3 * (float) random.nextGaussian();
      }
      check(shape, new Options(1.5f, 0, null), any(SPLITS), 1, 40);
      check(shape, new Options(0, 7, sinks), any(SPLITS), 1, 40);
      check(shape, new Options(50, 0, sinks), any(SPLITS), 1, 40);
    }
  }

  @Test
  void givesPaddingZeros() {
    try (KernelLab lab = new KernelLab(seed)) {
      Shape shape = Shape.of(CacheFormat.F16, 4, 2, any(40, 64), 8);
      AttentionLab attention = new AttentionLab(lab, random, shape, 9);
      Tokens tokens = attention.tokens(new int[] {0, 0}, new int[] {-1, -1});
      float[] zeros = new float[2 * shape.heads() * shape.valueSize()];
      Options sinks = new Options(0, 3, new float[] {1, -2, 0, 100});
      assertArrayEquals(zeros, attention.decode(attention.decodeEntry(), tokens, sinks, 3));
      assertArrayEquals(zeros, attention.decode(attention.decodeEntry(), tokens, Options.PLAIN, 1));
    }
  }

  @Test
  void givesTheSameBitsAloneAndInABatch() {
    for (CacheFormat format : CacheFormat.values()) {
      try (KernelLab lab = new KernelLab(PtxOptions.fast())) {
        Shape shape = Shape.of(format, 4, 2, any(24, 64, 128), any(BLOCK_TOKENS));
        AttentionLab attention = new AttentionLab(lab, random, shape, 11, 64, 37);
        Tokens batch = attention.tokens(new int[] {1, 0, 2, 1, 0}, new int[] {63, 10, 36, 62, -1});
        Options options = Options.PLAIN.withWindow(any(0, 33));
        float[] together = attention.decode(attention.decodeEntry(), batch, options, 3);
        int width = shape.heads() * shape.valueSize();
        for (int t = 0; t < batch.count(); t++) {
          Tokens one = batch.only(t, shape.heads() * shape.keySize());
          float[] alone = attention.decode(attention.decodeEntry(), one, options, 3);
          for (int i = 0; i < width; i++) {
            assertEquals(alone[i], together[t * width + i], 0, "token " + t + ", seed " + seed);
          }
        }
      }
    }
  }

  @Test
  void agreesBetweenTheTunedAndTheGeneralKernels() {
    try (KernelLab lab = new KernelLab(seed)) {
      Shape shape = Shape.of(CacheFormat.Q8_0, 8, 1, 128, 16);
      AttentionLab attention = new AttentionLab(lab, random, shape, 45);
      Tokens tokens = attention.tokens(new int[] {0}, new int[] {44});
      double[] expected = attention.expected(tokens, Options.PLAIN);
      for (String size : new String[] {"128", "any"}) {
        String entry = attention.decodeEntry(size);
        float[] actual = attention.decode(entry, tokens, Options.PLAIN, 2);
        assertTrue(
            AttentionLab.relativeError(expected, actual) <= TOLERANCE, entry + ", seed " + seed);
      }
    }
  }
}
