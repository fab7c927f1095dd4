package org.slmruntime.format.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

class GgufWriterTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @TempDir Path folder;

  private GgufFile written(GgufWriter writer) {
    Path path = folder.resolve("written.gguf");
    writer.write(path);
    return GgufFile.open(path);
  }

  @Test
  void metadataOfEveryKindIsReadBackEqual() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("u32", random.nextInt() & 0xffffffffL);
    values.put("i64", Long.MIN_VALUE | random.nextLong());
    values.put("f32", (double) random.nextFloat());
    values.put("flag", random.nextBoolean());
    values.put("text", "a\"b\nc é \ud83d\ude00 " + random.nextInt());
    values.put("empty", "");
    values.put("ints", random.ints(random.nextInt(1, 40)).toArray());
    values.put("longs", new long[] {Long.MAX_VALUE, random.nextLong(), 0});
    values.put("floats", new float[] {random.nextFloat(), -0f, Float.MAX_VALUE});
    values.put("doubles", random.doubles(3).toArray());
    values.put("flags", new boolean[] {true, false, random.nextBoolean()});
    values.put("texts", List.of("", "x", "é\0z"));
    values.put("none", List.of());
    GgufWriter writer = new GgufWriter();
    values.forEach(writer::put);
    try (GgufFile file = written(writer)) {
      Map<String, Object> read = file.metadata().values();
      assertEquals(values.keySet(), read.keySet());
      values.forEach(
          (key, value) ->
              assertTrue(
                  Arrays.deepEquals(new Object[] {value}, new Object[] {read.get(key)}),
                  () -> key + " of seed " + seed));
    }
  }

  @Test
  void takesIntegersAndFloatsAsTheWiderKinds() {
    try (GgufFile file = written(new GgufWriter().put("i", 7).put("f", 0.5f))) {
      assertEquals(Map.of("i", 7L, "f", 0.5), file.metadata().values());
    }
  }

  /** Sizes on both sides of a chunk of the encoder and of the alignment. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_K"})
  void tensorsAreReadBackAsTheirEncodersWriteThem(DType type) {
    int columns = type.blockElements() * (1 + random.nextInt(3));
    GgufWriter writer = new GgufWriter();
    Map<String, float[]> tensors = new LinkedHashMap<>();
    for (int rows : new int[] {1, 3, 16384 / columns, 16384 / columns + 1 + random.nextInt(90)}) {
      float[] values = new float[columns * rows];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      tensors.put("t" + rows, values);
      writer.add("t" + rows, type, List.of((long) columns, (long) rows), values);
    }
    try (GgufFile file = written(writer)) {
      assertEquals(
          List.copyOf(tensors.keySet()), file.tensors().stream().map(StoredTensor::name).toList());
      for (StoredTensor tensor : file.tensors()) {
        assertEquals(type, tensor.type());
        assertEquals(0, file.location(tensor.name()).offset() % 32);
        assertArrayEquals(
            encoded(type, tensors.get(tensor.name())),
            tensor.data().toArray(ValueLayout.JAVA_BYTE),
            () -> tensor + " of seed " + seed);
      }
    }
  }

  private static byte[] encoded(DType type, float[] values) {
    byte[] bytes = new byte[(int) type.byteSize(values.length)];
    QuantFormats.encoder(type)
        .orElseThrow()
        .encode(values, 0, values.length, MemorySegment.ofArray(bytes), 0);
    return bytes;
  }

  @Test
  void refusesWhatGgufCannotHold() {
    GgufWriter writer = new GgufWriter();
    assertEquals("metadata key k has no value", refusal(() -> writer.put("k", null)));
    assertTrue(refusal(() -> writer.put("k", List.of("a", 1))).contains("metadata key k: GGUF"));
    assertTrue(refusal(() -> writer.put("k", 'x')).contains("java.lang.Character"));
    assertTrue(refusal(() -> writer.put("", 1)).contains("empty"));
    List<Long> dims = List.of(32L, 2L);
    assertEquals(
        "tensor t [32, 2] has 63 values instead of 64",
        refusal(() -> writer.add("t", DType.F32, dims, new float[63])));
    assertEquals(
        "tensor t [32, 2]: I8 cannot be encoded",
        refusal(() -> writer.add("t", DType.I8, dims, new float[64])));
    assertTrue(
        refusal(() -> writer.add("t", DType.Q8_0, List.of(33L), new float[33]))
            .contains("no whole Q8_0 blocks"));
  }

  private static String refusal(Executable action) {
    return assertThrows(FormatException.class, action).getMessage();
  }
}
