package org.slmruntime.cpu.matmul;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
    int[] rows = {1, 3, 31, 33, 70};
    for (int n : columns) {
      int count = rows[random.nextInt(rows.length)];
      float[] x = tokens(n);
      isTheSameForAnyNumberOfTokens(new MappedLinear(stored(type, count, n), count, n), x);
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
      Activations activations = new Activations(ActivationSizes.plain(tokens, linear.columns()));
      new LinearStep(parts, Rows.TOKENS, x, activations, scratch, team).run(input);
    }
    return out;
  }
}
