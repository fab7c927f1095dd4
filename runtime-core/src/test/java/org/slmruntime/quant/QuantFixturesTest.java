package org.slmruntime.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.format.npy.NpyFile;
import org.slmruntime.tensor.DType;
import org.slmruntime.testing.SharedData;

/** Our formats beside what ggml wrote and read (shared/fixtures/quant-gguf). */
class QuantFixturesTest {
  private static final String FOLDER = "fixtures/quant-gguf/";

  static Stream<DType> types() {
    return QuantFormats.all().stream().map(QuantFormat::type).filter(t -> t != DType.F32);
  }

  @ParameterizedTest
  @MethodSource("types")
  void decodesWhatGgmlQuantizedBitForBit(DType type) throws IOException {
    assertDecodes(type, ".bin", ".f32.npy");
  }

  @ParameterizedTest
  @MethodSource("types")
  void decodesRandomBlocksBitForBit(DType type) throws IOException {
    assertDecodes(type, ".random.bin", ".random.f32.npy");
  }

  private static void assertDecodes(DType type, String blocks, String expected) throws IOException {
    float[] wanted = floats(SharedData.require(FOLDER + type + expected));
    byte[] bytes = Files.readAllBytes(SharedData.require(FOLDER + type + blocks));
    assertEquals(type.byteSize(wanted.length), bytes.length);
    float[] actual = new float[wanted.length];
    QuantFormats.of(type)
        .orElseThrow()
        .decode(MemorySegment.ofArray(bytes), 0, actual, 0, wanted.length);
    for (int i = 0; i < wanted.length; i++) {
      int element = i;
      assertEquals(
          Float.floatToRawIntBits(wanted[i]),
          Float.floatToRawIntBits(actual[i]),
          () -> "element " + element + ": " + wanted[element] + " but got " + actual[element]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"})
  void encodesSimpleFormatsLikeGgmlBitForBit(String name) throws IOException {
    DType type = DType.valueOf(name);
    float[] source = floats(SharedData.require(FOLDER + "source.f32.npy"));
    byte[] wanted = Files.readAllBytes(SharedData.require(FOLDER + name + ".bin"));
    byte[] actual = new byte[wanted.length];
    QuantFormats.encoder(type)
        .orElseThrow()
        .encode(source, 0, source.length, MemorySegment.ofArray(actual), 0);
    assertArrayEquals(wanted, actual);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS"})
  void encodesSearchedFormatsNearlyAsCloseAsGgmlInEveryRow(String name) {
    NpyFile matrix = NpyFile.read(SharedData.require(FOLDER + "source.f32.npy"));
    float[] source = floats(SharedData.require(FOLDER + "source.f32.npy"));
    float[] ggml = floats(SharedData.require(FOLDER + name + ".f32.npy"));
    float[] ours = QuantFormatTest.roundTrip(DType.valueOf(name), source);
    int columns = matrix.shape()[1];
    for (int row = 0; row < matrix.shape()[0]; row++) {
      double theirs = QuantFormatTest.rmsError(source, ggml, row * columns, columns);
      double error = QuantFormatTest.rmsError(source, ours, row * columns, columns);
      assertTrue(
          error <= 1.05 * theirs, "row " + row + ": error " + error + ", ggml's is " + theirs);
    }
  }

  private static float[] floats(Path npy) {
    double[] values = NpyFile.read(npy).values();
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
