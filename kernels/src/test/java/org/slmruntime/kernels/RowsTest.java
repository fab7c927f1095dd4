package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slmruntime.ptx.Dim3;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

class RowsTest {
  private static final Dim3 BLOCK = Dim3.of(128);

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  static Stream<DType> formats() {
    return Arrays.stream(DType.values()).filter(MatrixLayout::supports);
  }

  private StoredMatrix matrix(DType type, int rows) {
    int blocks = 1 + random.nextInt(9);
    int columns = type.blockElements() == 1 ? 200 + blocks : blocks * type.blockElements();
    return StoredMatrix.random(type, rows, columns, random);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void embedsWhatTheDecoderReads(DType type) {
    StoredMatrix matrix = matrix(type, 7);
    int columns = matrix.layout().columns();
    int stride = columns + random.nextInt(5);
    int[] tokens = {6, 0, 3, 3};
    try (KernelLab lab = new KernelLab(seed)) {
      long y = lab.allocate(4L * stride * tokens.length);
      lab.launch(
          "embed_" + matrix.layout().suffix(),
          Dim3.of(tokens.length),
          BLOCK,
          matrix.upload(lab, 0),
          lab.upload(tokens),
          y,
          stride,
          columns);
      float[] expected = matrix.decoded();
      for (int i = 0; i < tokens.length; i++) {
        float[] row = lab.floats(y + 4L * i * stride, columns);
        for (int k = 0; k < columns; k++) {
          float weight = expected[tokens[i] * columns + k];
          // Zeros may differ in sign where a minimum is added instead of subtracted.
          assertEquals(weight + 0f, row[k] + 0f, type + " column " + k + ", seed " + seed);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void roundsRowsToBf16(DType type) {
    StoredMatrix matrix = matrix(type, 7);
    int columns = matrix.layout().columns();
    int first = random.nextInt(3);
    int count = 7 - first;
    try (KernelLab lab = new KernelLab(seed)) {
      long out = lab.allocate(2L * columns * count);
      lab.launch(
          "dequantize_" + matrix.layout().suffix(),
          Dim3.of(count),
          BLOCK,
          matrix.upload(lab, 0),
          first,
          out,
          columns);
      float[] actual = fromBf16(lab.bytes(out, 2 * columns * count));
      float[] expected = matrix.decoded();
      for (int i = 0; i < actual.length; i++) {
        float weight = rounded(expected[first * columns + i]);
        assertEquals(weight + 0f, actual[i] + 0f, type + " weight " + i + ", seed " + seed);
      }
    }
  }

  private static float rounded(float value) {
    byte[] stored = new byte[2];
    QuantFormats.encoder(DType.BF16)
        .orElseThrow()
        .encode(new float[] {value}, 0, 1, MemorySegment.ofArray(stored), 0);
    return fromBf16(stored)[0];
  }

  private static float[] fromBf16(byte[] stored) {
    float[] values = new float[stored.length / 2];
    QuantFormats.of(DType.BF16)
        .orElseThrow()
        .decode(MemorySegment.ofArray(stored), 0, values, 0, values.length);
    return values;
  }
}
