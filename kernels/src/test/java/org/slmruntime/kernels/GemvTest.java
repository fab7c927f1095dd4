package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.ptx.PtxOptions;
import org.slmruntime.tensor.DType;

class GemvTest {
  private static final int[] VARIANTS = {1, 2, 4, 8};

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  static Stream<DType> formats() {
    return Arrays.stream(DType.values()).filter(MatrixLayout::supports);
  }

  /** Columns that make so many blocks; odd ones where the format allows it. */
  private static int columns(DType type, int blocks) {
    return type.blockElements() == 1 ? 77 * blocks : type.blockElements() * blocks;
  }

  /** Of many rows together; a few may be off by more. */
  private static double tolerance(DType type) {
    return type.blockElements() == 1 ? 1e-6 : 3e-5;
  }

  private String message() {
    return ", seed " + seed;
  }

  @ParameterizedTest
  @MethodSource("formats")
  void multipliesAnyNumberOfRowsAndTokens(DType type) {
    int[] rows = {1, 2, 3, 5, 37, 130};
    int[] blocks = {1, 3, 8};
    for (int i = 0; i < rows.length; i++) {
      int variant = VARIANTS[(i + random.nextInt(4)) % 4];
      GemvCase gemv = new GemvCase(type, rows[i], columns(type, blocks[i % 3]), random);
      gemv.tokens = variant / 2 + 1 + random.nextInt(variant - variant / 2);
      gemv.blocks = 1 + random.nextInt(4);
      check(gemv.draw(), variant);
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void doesAllThatComesBeforeAndAfter(DType type) {
    for (int variant : VARIANTS) {
      GemvCase gemv = new GemvCase(type, 6 + 2 * random.nextInt(20), columns(type, 3), random);
      gemv.tokens = variant;
      gemv.activation = random.nextInt(4) - 1;
      gemv.norm = random.nextBoolean();
      gemv.bias = random.nextBoolean();
      gemv.inPlace = random.nextBoolean();
      gemv.residual = random.nextBoolean();
      gemv.padding = random.nextInt(8);
      gemv.offset = random.nextInt(4);
      gemv.blocks = 1 + random.nextInt(4);
      check(gemv.draw(), variant);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void activatesPairsOfRows(int activation) {
    for (int variant : VARIANTS) {
      GemvCase gemv = new GemvCase(DType.Q4_0, 34, 64, random);
      gemv.tokens = variant;
      gemv.activation = activation;
      gemv.bias = true;
      gemv.residual = true;
      check(gemv.draw(), variant);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"Q4_0", "Q6_K", "Q8_0", "Q4_K", "F16"})
  void takesRowsThatDoNotFitSharedMemoryInPieces(DType type) {
    for (int variant : VARIANTS) {
      int piece = type == DType.F16 ? 8192 / variant : Math.min(8192, 16384 / variant);
      GemvCase gemv = new GemvCase(type, 19, 2 * piece + 256, random);
      gemv.tokens = variant;
      gemv.norm = true;
      check(gemv.draw(), variant);
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void startsAtAnyRow(DType type) {
    GemvCase gemv = new GemvCase(type, 9, columns(type, 3), random);
    gemv.firstRow = 1 + random.nextInt(5);
    gemv.rows = 9 - gemv.firstRow;
    check(gemv.draw(), 1);
  }

  /**
   * Against rounded activations, of which a norm in float32 may put some to the other side, and
   * squares of gates make the most. A column or group gone wrong is far beyond.
   */
  private void check(GemvCase gemv, int variant) {
    DType type = gemv.matrix.layout().type();
    check(gemv, variant, true, type.blockElements() == 1 ? 8 * tolerance(type) : 1e-4);
  }

  private void check(GemvCase gemv, int variant, boolean rounded, double tolerance) {
    gemv.threads = 32 * (1 + random.nextInt(16));
    try (KernelLab lab = new KernelLab(seed)) {
      double error = gemv.error(gemv.run(lab, variant).y(), rounded);
      assertTrue(error <= tolerance, () -> error + " off, " + gemv + " by " + variant + message());
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void isAsAccurateAsItsActivations(DType type) {
    GemvCase gemv = new GemvCase(type, 200, 1024, random);
    gemv.norm = true;
    check(gemv.draw(), 1, false, tolerance(type));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void givesATokenTheSameBitsInAnyCompanyGridAndBlock(DType type) {
    GemvCase gemv = new GemvCase(type, 38, columns(type, 8), random);
    gemv.norm = true;
    gemv.activation = random.nextBoolean() ? 0 : GemvCase.NO_ACTIVATION;
    gemv.draw();
    int[] alone = bits(gemv, 1, 1, 1);
    assertArrayEquals(alone, bits(gemv, 1, 1, 3), message());
    assertArrayEquals(alone, bits(gemv, 1, 1, 9), message());
    gemv.threads = 32 * (1 + random.nextInt(15));
    for (int variant : VARIANTS) {
      int[] together = bits(gemv, variant, variant, 2);
      assertArrayEquals(alone, Arrays.copyOf(together, alone.length), message());
    }
  }

  private int[] bits(GemvCase gemv, int tokens, int variant, int blocks) {
    gemv.tokens = tokens;
    gemv.blocks = blocks;
    // A real GPU's approximations are the same each time.
    try (KernelLab lab = new KernelLab(new PtxOptions(seed, true, true, 0))) {
      float[] y = gemv.run(lab, variant).y();
      int[] bits = new int[y.length];
      Arrays.setAll(bits, i -> Float.floatToRawIntBits(y[i]));
      return bits;
    }
  }

  @Test
  void givesZeroForZerosAndNaNForNaN() {
    GemvCase gemv = new GemvCase(DType.Q4_K, 3, 256, random);
    gemv.tokens = 2;
    gemv.draw();
    gemv.setToken(0, 0);
    gemv.setToken(1, Float.NaN);
    try (KernelLab lab = new KernelLab(seed)) {
      float[] y = gemv.run(lab, 2).y();
      for (int i = 0; i < 3; i++) {
        assertEquals(0, y[i], message());
        assertTrue(Float.isNaN(y[3 + i]), message());
      }
    }
  }
}
