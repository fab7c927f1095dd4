package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slmruntime.tensor.DType;

class MatrixLayoutTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  static Stream<DType> formats() {
    return Arrays.stream(DType.values()).filter(MatrixLayout::supports);
  }

  @Test
  void supportsTheFormatsOfTheCatalog() {
    KernelCatalog catalog = KernelCatalog.load();
    for (DType type : DType.values()) {
      String entry = "gemv_" + type.name().toLowerCase(java.util.Locale.ROOT) + "_1";
      boolean listed = catalog.all().stream().anyMatch(k -> k.entry().equals(entry));
      assertEquals(listed, MatrixLayout.supports(type), type.name());
    }
    assertFalse(MatrixLayout.supports(DType.IQ1_S));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void packsWhatTheDecoderReads(DType type) {
    for (int blocks : new int[] {1, 3, 8}) {
      int columns = type.blockElements() == 1 ? 77 * blocks : blocks * type.blockElements();
      int rows = 1 + random.nextInt(4);
      StoredMatrix matrix = StoredMatrix.random(type, rows, columns, random);
      PlaneReader reader = new PlaneReader(matrix.layout(), matrix.packed());
      float[] expected = matrix.decoded();
      for (int i = 0; i < expected.length; i++) {
        int bits = Float.floatToRawIntBits(reader.weight(i / columns, i % columns));
        // Zeros may differ in sign: minimums are added here and subtracted there.
        if (expected[i] != 0 || bits << 1 != 0) {
          assertEquals(Float.floatToRawIntBits(expected[i]), bits, "weight " + i + message());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void padsRowsWithZerosAndWritesNothingBeyond(DType type) {
    int columns = type.blockElements() == 1 ? 3 : type.blockElements();
    StoredMatrix matrix = StoredMatrix.random(type, 1, columns, random);
    MatrixLayout layout = matrix.layout();
    MemorySegment stored = MemorySegment.ofArray(matrix.stored());
    for (int plane = 0; plane < layout.planes(); plane++) {
      byte[] zeros = filled(layout, plane, stored, (byte) 0);
      byte[] ones = filled(layout, plane, stored, (byte) 1);
      for (int i = 0; i < zeros.length; i++) {
        boolean inRow = i >= 16 && i < 16 + layout.pitch(plane);
        assertEquals(inRow ? zeros[i] : 1, ones[i], "byte " + i + message());
      }
    }
  }

  private static byte[] filled(MatrixLayout layout, int plane, MemorySegment stored, byte fill) {
    byte[] out = new byte[layout.pitch(plane) + 32];
    Arrays.fill(out, fill);
    layout.packRow(plane, stored, 0, MemorySegment.ofArray(out), 16);
    return out;
  }

  @ParameterizedTest
  @MethodSource("formats")
  void alignsRowsAndPlanes(DType type) {
    MatrixLayout layout = new MatrixLayout(type, 3, 5 * type.blockElements());
    for (int plane = 0; plane < layout.planes(); plane++) {
      assertEquals(0, layout.pitch(plane) % 16);
      assertEquals(0, layout.offset(plane) % 256);
      long end = plane + 1 < layout.planes() ? layout.offset(plane + 1) : layout.bytes();
      long bytes = 3L * layout.pitch(plane);
      assertEquals(Math.ceilDiv(bytes, 256L) * 256, end - layout.offset(plane));
    }
  }

  @Test
  void measuresMatricesBeyondTwoGibibytes() {
    assertEquals(4L << 32, new MatrixLayout(DType.F32, 1 << 16, 1 << 16).bytes());
  }

  @Test
  void refusesWhatNoMatrixHas() {
    assertThrows(IllegalArgumentException.class, () -> new MatrixLayout(DType.Q4_0, 1, 33));
    assertThrows(IllegalArgumentException.class, () -> new MatrixLayout(DType.F32, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> new MatrixLayout(DType.IQ2_S, 1, 256));
  }

  private String message() {
    return ", seed " + seed;
  }
}
