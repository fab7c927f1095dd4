package org.slmruntime.cpu.matmul;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.cpu.packed.MatrixPacking;
import org.slmruntime.cpu.packed.PackedFormat;
import org.slmruntime.cpu.packed.PackedMatrix;
import org.slmruntime.cpu.packed.PackingScratch;
import org.slmruntime.cpu.packed.Panels;
import org.slmruntime.tensor.DType;

/** Packed products against the same arithmetic, one number at a time: equal to the bit. */
class PackedLinearTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @ParameterizedTest
  @EnumSource(PackedFormat.class)
  void multipliesAsItsScalarArithmetic(PackedFormat format) {
    DType type = DType.valueOf(format.name());
    int block = type.blockElements();
    for (int rows : new int[] {1, Panels.PANEL - 1, Panels.PANEL, 2 * Panels.PANEL + 1, 100}) {
      for (int columns : new int[] {block, 3 * block, 8 * block, 256 + block, 5 * 256}) {
        for (int tokens : new int[] {1, 2, 3, 5, 9, 20}) {
          multiplies(format, type, rows, columns, tokens);
        }
      }
    }
  }

  private void multiplies(PackedFormat format, DType type, int rows, int columns, int tokens) {
    StoredCodes stored = stored(type, (long) rows * columns);
    float[] actual = new float[tokens * rows];
    Activations x;
    try (Arena arena = Arena.ofConfined()) {
      LinearKernel kernel = packed(format, stored, rows, columns, arena);
      x = activations(format, kernel.form(tokens), tokens, columns, random.nextBoolean());
      LinearScratch scratch = new LinearScratch(columns);
      int chunk = kernel.chunkRows(tokens, 1 + random.nextInt(4));
      for (int first = 0; first < rows; first += chunk) {
        int last = Math.min(rows, first + chunk);
        kernel.multiply(x, tokens, actual, first, last, scratch);
      }
    }
    float[] expected = new float[tokens * rows];
    for (int t = 0; t < tokens; t++) {
      for (int r = 0; r < rows; r++) {
        expected[t * rows + r] = dot(stored, (long) r * columns, x, t * columns, columns);
      }
    }
    String what = rows + " x " + columns + ", " + tokens + " tokens, seed " + seed;
    assertArrayEquals(expected, actual, what);
  }

  private StoredCodes stored(DType type, long elements) {
    byte[] bytes = new byte[(int) type.byteSize(elements)];
    random.nextBytes(bytes);
    StoredCodes stored = new StoredCodes(type, bytes);
    stored.tame();
    return stored;
  }

  private LinearKernel packed(
      PackedFormat format, StoredCodes stored, int rows, int columns, Arena arena) {
    MemorySegment memory = arena.allocate(format.byteSize(rows, columns), 64);
    PackedMatrix matrix = new PackedMatrix(format, rows, columns, memory);
    PackingScratch[] scratch = {new PackingScratch(stored.type().byteSize(columns))};
    MatrixPacking packing =
        new MatrixPacking(matrix, MemorySegment.ofArray(stored.bytes()), scratch);
    for (int chunk = 0; chunk < packing.chunks(); chunk++) {
      packing.run(chunk, 0);
    }
    return new PackedLinear(matrix);
  }

  /** Random ones, or such as make the largest sums. */
  private Activations activations(
      PackedFormat format, Activations.Form form, int tokens, int columns, boolean extreme) {
    float[] values = new float[tokens * columns];
    for (int i = 0; i < values.length; i++) {
      float value = (float) random.nextGaussian();
      values[i] = extreme ? Math.signum(value) : value * (i / 32 % 5);
    }
    Activations x = new Activations(ActivationSizes.rounded(format, tokens, columns));
    x.begin(values, tokens);
    x.prepare(form, 0, tokens, columns, null);
    return x;
  }

  private static float dot(StoredCodes w, long at, Activations x, int from, int columns) {
    float result = 0;
    for (int g = 0; g < columns; g += w.group()) {
      int sum = 0;
      for (int c = g; c < g + w.group(); c++) {
        sum += w.code(at + c) * x.codes()[from + c];
      }
      int block = (from + g) / 32;
      result = Math.fma(sum, w.scale(at + g) * x.codeScales()[block], result);
      if (w.hasOffsets()) {
        result = Math.fma(x.codeSums()[block], w.offset(at + g), result);
      }
    }
    return result;
  }

  @Test
  void roundsActivationsToTheNearestCode() {
    int columns = 96;
    Activations.Form form = Activations.Form.GROUPED_CODES;
    Activations x = activations(PackedFormat.Q4_0, form, 3, columns, false);
    for (int i = 0; i < 3 * columns; i++) {
      int block = i / 32;
      float scale = x.codeScales()[block];
      int code = x.codes()[i];
      assertTrue(Math.abs(code) <= 127, "seed " + seed);
      float value = x.values()[i];
      float error = Math.abs(value - scale * code);
      assertTrue(error <= 0.5001f * scale, value + " became " + scale * code + ", seed " + seed);
    }
    for (int block = 0; block < 3 * columns / 32; block++) {
      int sum = 0;
      for (int i = 0; i < 32; i++) {
        sum += x.codes()[32 * block + i];
      }
      assertEquals(x.codeScales()[block] * sum, x.codeSums()[block], "seed " + seed);
    }
  }

  @Test
  void refusesStepsWhoseInputFitsNoArray() {
    for (ActivationSizes sizes :
        List.of(
            new ActivationSizes(1L << 31, 0, 0, 0, 0, 0),
            new ActivationSizes(0, 1L << 31, 1, 0, 0, 0),
            new ActivationSizes(0, 0, 0, 1L << 31, 0, 0),
            new ActivationSizes(0, 0, 0, 0, 1L << 31, 0))) {
      String message =
          assertThrows(BackendException.class, () -> new Activations(sizes)).getMessage();
      assertTrue(message.contains("2147483648") && message.contains("smaller steps"), message);
    }
  }

  @ParameterizedTest
  @EnumSource(PackedFormat.class)
  void showsThatActivationsAreNoNumbers(PackedFormat format) {
    DType type = DType.valueOf(format.name());
    int columns = 2 * type.blockElements();
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] out = new float[2 * 5];
      int at = random.nextInt(columns);
      try (Arena arena = Arena.ofConfined()) {
        LinearKernel kernel = packed(format, stored(type, 5L * columns), 5, columns, arena);
        Activations x = activations(format, kernel.form(2), 2, columns, true);
        x.values()[columns + at] = bad;
        x.prepare(kernel.form(2), 0, 2, columns, null);
        kernel.multiply(x, 2, out, 0, 5, new LinearScratch(columns));
      }
      for (int r = 0; r < 5; r++) {
        assertTrue(Float.isFinite(out[r]), "row " + r + ", seed " + seed);
        assertTrue(Float.isNaN(out[5 + r]), bad + " at " + at + ", row " + r + ", seed " + seed);
      }
    }
  }
}
