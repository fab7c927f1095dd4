package org.slmruntime.cpu.packed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slmruntime.cpu.packed.PackedFormat.CodeWidth;
import org.slmruntime.cpu.vector.Levels;

/** A chunk of a panel times many tokens, against one number at a time: equal to the bit. */
class PackedGemmTest {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final byte[] LEVELS = Levels.table(16, 0);

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @ParameterizedTest
  @EnumSource(PackedFormat.class)
  void addsWhatScalarArithmeticAdds(PackedFormat format) {
    for (int tokens = 1; tokens <= 40; tokens++) {
      int columns = 32 * (1 + random.nextInt(Panels.CHUNK / 32));
      new Case(format, tokens, columns, false).check();
    }
  }

  /** All products as large as they can be, and of one sign. */
  @ParameterizedTest
  @EnumSource(PackedFormat.class)
  void sumsTheLargestProductsWithoutOverflow(PackedFormat format) {
    for (int tokens : new int[] {1, 3, 8, 13}) {
      new Case(format, tokens, Panels.CHUNK, true).check();
    }
  }

  /** A chunk in the middle of a matrix: its codes, the tokens, and totals from before. */
  private final class Case {
    private static final int BEFORE = Panels.CHUNK;

    private final PackedFormat format;
    private final int tokens;
    private final int n;
    private final int columns;
    private final int[][] weights;
    private final short[] x;
    private final float[] dx;
    private final float[] codeSums;
    private final float[] scales;
    private final float[] offsets;
    private final float[] totals;

    Case(PackedFormat format, int tokens, int n, boolean extreme) {
      this.format = format;
      this.tokens = tokens;
      this.n = n;
      columns = BEFORE + n;
      int limit = format.width.bias();
      weights = new int[n][Panels.PANEL];
      for (int[] column : weights) {
        for (int r = 0; r < column.length; r++) {
          int code = extreme ? 0 : random.nextInt(2 * limit);
          column[r] = format.width == CodeWidth.LEVELS ? LEVELS[code] : code - limit;
        }
      }
      x = new short[tokens * columns];
      for (int i = 0; i < x.length; i++) {
        x[i] = (short) (extreme ? -127 : random.nextInt(255) - 127);
      }
      dx = floats(tokens * columns / Panels.BLOCK);
      codeSums = floats(dx.length);
      scales = floats(n / format.group * Panels.PANEL);
      offsets = floats(scales.length);
      totals = floats(TokenGroups.padded(tokens) * Panels.PANEL);
    }

    private float[] floats(int length) {
      float[] values = new float[length];
      for (int i = 0; i < length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return values;
    }

    void check() {
      boolean eight = format.width.multiplied() == CodeWidth.EIGHT;
      int room = TokenGroups.padded(tokens) * columns;
      TokenGroups groups = new TokenGroups(eight ? 0 : room, eight ? room : 0);
      groups.put(eight, x, dx, codeSums, 0, tokens, tokens, columns);
      float[] actual = totals.clone();
      if (eight) {
        GemmScratch scratch = new GemmScratch();
        MemorySegment packed = format.width == CodeWidth.LEVELS ? packedLevels() : packed();
        FloatGemm.add(
            format.width,
            packed,
            0,
            scratch,
            scales,
            groups,
            BEFORE,
            n,
            tokens,
            0,
            tokens,
            actual,
            0);
      } else {
        PackedGemm.add(
            format, scratch(), scales, offsets, groups, BEFORE, n, tokens, 0, tokens, actual, 0);
      }
      for (int t = 0; t < tokens; t++) {
        for (int r = 0; r < Panels.PANEL; r++) {
          int place = t * Panels.PANEL + Panels.place(r);
          String what = format + ", " + n + " columns, row " + r + ", token " + t + " of " + tokens;
          assertEquals(expected(t, r), actual[place], what + ", seed " + seed);
        }
      }
    }

    /** Codes as they are unpacked for many tokens: a row's columns c and c + 4 are neighbours. */
    private GemmScratch scratch() {
      GemmScratch scratch = new GemmScratch();
      for (int c = 0; c < n; c++) {
        int pair = c / 8 * 4 + c % 4;
        for (int r = 0; r < Panels.PANEL; r++) {
          int row = (2 * pair + r % 2) * Panels.PANEL + r / 2 * 2;
          scratch.codes[row + c % 8 / 4] = (short) weights[c][r];
        }
      }
      return scratch;
    }

    /** Codes of 8 bits as they are packed: two columns a value, unsigned. */
    private MemorySegment packed() {
      MemorySegment packed = Arena.ofAuto().allocate(n / 2L * Panels.VECTOR_BYTES, 64);
      for (int c = 0; c < n; c += 2) {
        for (int r = 0; r < Panels.PANEL; r++) {
          int value = (weights[c + 1][r] + 128) * 256 + weights[c][r] + 128;
          packed.setAtIndex(SHORT, c / 2 * Panels.PANEL + r, (short) value);
        }
      }
      return packed;
    }

    /** Levels as they are packed: the first two of four columns in the low nibbles of bytes. */
    private MemorySegment packedLevels() {
      MemorySegment packed = Arena.ofAuto().allocate(n / 4L * Panels.VECTOR_BYTES, 64);
      for (int c = 0; c < n; c += 4) {
        for (int r = 0; r < Panels.PANEL; r++) {
          int value = level(c, r) | level(c + 2, r) << 4 | level(c + 1, r) << 8;
          value |= level(c + 3, r) << 12;
          packed.setAtIndex(SHORT, c / 4 * Panels.PANEL + r, (short) value);
        }
      }
      return packed;
    }

    private int level(int column, int row) {
      return Arrays.binarySearch(LEVELS, (byte) weights[column][row]);
    }

    private float expected(int t, int r) {
      float total = totals[t * Panels.PANEL + Panels.place(r)];
      for (int c = 0; c < n; c += format.group) {
        int sum = 0;
        for (int i = c; i < c + format.group; i++) {
          sum += weights[i][r] * x[t * columns + BEFORE + i];
        }
        int block = (t * columns + BEFORE + c) / Panels.BLOCK;
        int scale = c / format.group * Panels.PANEL + Panels.place(r);
        total = Math.fma(sum, scales[scale] * dx[block], total);
        if (format.scales.hasOffsets()) {
          total = Math.fma(codeSums[block], offsets[scale], total);
        }
      }
      return total;
    }
  }
}
