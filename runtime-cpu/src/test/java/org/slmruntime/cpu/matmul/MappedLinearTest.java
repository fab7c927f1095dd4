package org.slmruntime.cpu.matmul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.parallel.Team;
import org.slmruntime.graph.Rows;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/** Every way to multiply gives a token the same bits, whatever else is in the step. */
class MappedLinearTest {
  private static final int MOST_TOKENS = 131;
  private static final int[] TOKENS = {1, 2, 3, 5, 7, 8, 15, 16, 17, 23, 24, 25, 64, 130};

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final RandomGenerator random = RandomGeneratorFactory.getDefault().create(seed);

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16", "Q8_0", "Q4_0", "IQ4_NL", "IQ4_XS", "Q2_K", "Q3_K", "Q6_K"})
  void givesATokenTheSameBitsInAnyStep(DType type) {
    int block = type.blockElements();
    // Beyond a piece of columns, a strip, a panel of rows, and what threads take at a time.
    int[] columns = {block, 3 * block, block == 1 ? 77 : 9 * block, (2200 / block + 1) * block};
    for (int n : columns) {
      isTheSameForAnyNumberOfTokens(type, n, 1);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void givesATokenTheSameBitsWhereRowsAreWholeVectors(DType type) {
    // Up to the largest vector of words; beyond a piece of columns and what a tile takes.
    for (int n : new int[] {4, 8, 16, 32, 48, 96, 1056, 2208}) {
      isTheSameForAnyNumberOfTokens(type, n, 1);
    }
  }

  @Test
  void givesATokenTheSameBitsHoweverLargeOthersAre() {
    for (float size : new float[] {0x1p14f, 0x1p16f, 0x1p30f, 0x1p100f}) {
      isTheSameForAnyNumberOfTokens(DType.F16, 64, size);
    }
  }

  private void isTheSameForAnyNumberOfTokens(DType type, int columns, float size) {
    int[] rows = {1, 3, 31, 33, 70, 260};
    int count = rows[random.nextInt(rows.length)];
    float[] x = tokens(columns);
    for (int i = 0; i < x.length; i++) {
      x[i] *= i / columns % 3 == 0 ? size : 1;
    }
    MappedLinear linear = new MappedLinear(stored(type, count, columns), count, columns);
    isTheSameForAnyNumberOfTokens(linear, x);
  }

  @Test
  void multipliesHalvesWithTokensOfAnySize() {
    int rows = 70;
    int columns = 96;
    Weights.Stored stored = stored(DType.F16, rows, columns);
    float[] weights = new float[rows * columns];
    QuantFormats.of(DType.F16).orElseThrow().decode(stored.data(), 0, weights, 0, weights.length);
    MappedLinear linear = new MappedLinear(stored, rows, columns);
    for (int exponent = -100; exponent <= 120; exponent += 10) {
      float[] x = tokens(columns);
      for (int i = 0; i < x.length; i++) {
        x[i] = Math.scalb(x[i], exponent);
      }
      for (int tokens : new int[] {1, 4, 24}) {
        float[] out = multiply(linear, x, tokens, 2);
        for (int i = 0; i < tokens * rows; i++) {
          isNearly(weights, i % rows * columns, x, i / rows * columns, columns, out[i]);
        }
      }
    }
  }

  private void isNearly(float[] w, int row, float[] x, int token, int columns, float actual) {
    double sum = 0;
    double magnitude = 0;
    for (int c = 0; c < columns; c++) {
      double product = (double) w[row + c] * x[token + c];
      sum += product;
      magnitude += Math.abs(product);
    }
    assertEquals(sum, actual, columns * 0x1p-24 * magnitude, hint("a product of " + columns));
  }

  @Test
  void keepsInfinitiesAndNansAmongTokens() {
    int rows = 33;
    int columns = 64;
    MappedLinear linear = new MappedLinear(stored(DType.F16, rows, columns), rows, columns);
    float[] x = tokens(columns);
    x[random.nextInt(columns)] = Float.NaN;
    x[columns + random.nextInt(columns)] = Float.POSITIVE_INFINITY;
    x[2 * columns + random.nextInt(columns)] = Float.MAX_VALUE;
    for (int tokens : new int[] {4, 24}) {
      float[] out = multiply(linear, x, tokens, 2);
      for (int r = 0; r < rows; r++) {
        assertTrue(Float.isNaN(out[r]), hint("NaN"));
        assertTrue(Float.isInfinite(out[rows + r]), hint("an infinity"));
        assertTrue(Float.isFinite(out[3 * rows + r]), hint("an ordinary token"));
      }
    }
  }

  private void isTheSameForAnyNumberOfTokens(MappedLinear linear, float[] x) {
    float[] all = multiply(linear, x, MOST_TOKENS, 1);
    for (int tokens : TOKENS) {
      float[] some = multiply(linear, x, tokens, 2);
      for (int i = 0; i < tokens * linear.rows(); i++) {
        String hint =
            linear.rows() + " rows, " + linear.columns() + " columns, " + tokens + " tokens: " + i;
        assertEquals(Float.floatToRawIntBits(all[i]), Float.floatToRawIntBits(some[i]), hint(hint));
      }
    }
  }

  @Test
  void keepsInfinitiesAndNansAmongHalves() {
    int rows = 70;
    int columns = 64;
    Weights.Stored stored = stored(DType.F16, rows, columns);
    int infinite = random.nextInt(rows / 2) * columns + random.nextInt(columns);
    int nan = (rows / 2 + random.nextInt(rows / 2)) * columns + random.nextInt(columns);
    stored.data().set(ValueLayout.JAVA_SHORT, 2L * infinite, (short) 0xfc00);
    stored.data().set(ValueLayout.JAVA_SHORT, 2L * nan, (short) 0x7e01);
    MappedLinear linear = new MappedLinear(stored, rows, columns);
    float[] x = new float[MOST_TOKENS * columns];
    Arrays.fill(x, 1);
    for (int tokens : new int[] {1, 4, 24}) {
      float[] out = multiply(linear, x, tokens, 2);
      for (int i = 0; i < tokens * rows; i++) {
        int row = i % rows;
        String hint = hint(tokens + " tokens, row " + row);
        assertEquals(row == nan / columns, Float.isNaN(out[i]), hint);
        assertEquals(row == infinite / columns, out[i] == Float.NEGATIVE_INFINITY, hint);
      }
    }
  }

  private String hint(String what) {
    return what + ", seed " + seed;
  }

  private Weights.Stored stored(DType type, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    MemorySegment data = Arena.ofAuto().allocate(type.byteSize(values.length), 64);
    QuantFormats.encoder(type).orElseThrow().encode(values, 0, values.length, data, 0);
    return new Weights.Stored(type, data);
  }

  private float[] tokens(int columns) {
    float[] x = new float[MOST_TOKENS * columns];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  private static float[] multiply(MappedLinear linear, float[] x, int tokens, int threads) {
    float[] out = new float[MOST_TOKENS * linear.rows()];
    LinearScratch[] scratch = new LinearScratch[threads];
    Arrays.setAll(scratch, _ -> new LinearScratch(linear.columns()));
    StepInput input = new StepInput();
    input.beginSequence(new int[] {0}, 1);
    for (int t = 0; t < tokens; t++) {
      input.addToken(0, t, false);
    }
    LinearStep.Part[] parts = {new LinearStep.Part(linear, null, out)};
    try (Team team = new Team(threads)) {
      Activations activations = new Activations(linear.sizes(tokens));
      new LinearStep(parts, Rows.TOKENS, x, activations, scratch, team).run(input);
    }
    return out;
  }
}
