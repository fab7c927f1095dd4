package org.slmruntime.format.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.format.TensorData;
import org.slmruntime.tensor.DType;

class SafetensorsWriterTest {
  private static final DType[] TYPES = {
    DType.F32, DType.F16, DType.BF16, DType.F64, DType.I64, DType.I32, DType.I16, DType.I8
  };

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  @TempDir Path folder;

  @Test
  void readsBackWhatItWritesWithEveryTensorAligned() throws IOException {
    for (int run = 0; run < 20; run++) {
      Random random = new Random(seed + run);
      String hint = "seed " + (seed + run);
      List<StoredTensor> tensors = randomTensors(random);
      SafetensorsWriter writer = new SafetensorsWriter().put("made \"by\"", "é\n" + run);
      tensors.forEach(writer::add);
      Path path = folder.resolve("t.safetensors");
      writer.write(path);
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        assertEquals("é\n" + run, file.metadata().requireString("made \"by\""), hint);
        assertEquals(tensors.size(), file.tensors().size(), hint);
        for (StoredTensor tensor : tensors) {
          StoredTensor read = file.tensor(tensor.name()).orElseThrow();
          assertEquals(tensor.type(), read.type(), hint);
          assertEquals(tensor.dims(), read.dims(), hint);
          assertEquals(-1, tensor.data().mismatch(read.data()), hint);
          assertEquals(0, read.data().address() % tensor.type().blockBytes(), hint);
        }
      }
    }
  }

  private static List<StoredTensor> randomTensors(Random random) {
    List<StoredTensor> tensors = new ArrayList<>();
    for (int i = random.nextInt(8); i >= 0; i--) {
      DType type = TYPES[random.nextInt(TYPES.length)];
      List<Long> dims = new ArrayList<>();
      for (int rank = random.nextInt(5); rank > 0; rank--) {
        dims.add((long) random.nextInt(5));
      }
      byte[] bytes = new byte[(int) type.byteSize(dims.stream().reduce(1L, (a, b) -> a * b))];
      random.nextBytes(bytes);
      tensors.add(new StoredTensor("t " + i, type, dims, MemorySegment.ofArray(bytes)));
    }
    return tensors;
  }

  @Test
  void encodesNumbersInEveryTypeThatHoldsThem() {
    Random random = new Random(seed);
    int count = 1 + random.nextInt(40000);
    float[] values = new float[count];
    long[] longs = random.longs(count).toArray();
    double[] doubles = random.doubles(count).toArray();
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(256) / 16f;
    }
    List<Long> dims = List.of((long) count);
    Path path = folder.resolve("t.safetensors");
    new SafetensorsWriter()
        .add("bf16", DType.BF16, dims, values)
        .add("f32", DType.F32, dims, values)
        .add("f16", DType.F16, dims, values)
        .add("i64", DType.I64, dims, TensorData.of(longs))
        .add("f64", DType.F64, dims, TensorData.of(doubles))
        .write(path);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      for (String name : List.of("f32", "f16", "bf16")) {
        assertArrayEquals(values, file.tensor(name).orElseThrow().values(), name + " " + seed);
      }
      assertArrayEquals(
          longs,
          data(file, "i64")
              .toArray(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN)));
      assertArrayEquals(
          doubles,
          data(file, "f64")
              .toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN)));
    }
  }

  private static MemorySegment data(SafetensorsFile file, String tensor) {
    return file.tensor(tensor).orElseThrow().data();
  }

  @Test
  void leavesTheOldFileWhereWritingFails() throws IOException {
    Path path = folder.resolve("t.safetensors");
    new SafetensorsWriter().add("a", DType.F32, List.of(1L), new float[1]).write(path);
    byte[] before = Files.readAllBytes(path);
    SafetensorsWriter failing =
        new SafetensorsWriter()
            .add(
                "a",
                DType.F32,
                List.of(1L),
                _ -> {
                  throw new IOException("the disk is full");
                });
    assertEquals(
        path + ": cannot be written: the disk is full", refusal(() -> failing.write(path)));
    SafetensorsWriter shorter =
        new SafetensorsWriter().add("a", DType.F32, List.of(1L), out -> out.write(0));
    assertEquals("tensor a needs 4 bytes but 1 were written", refusal(() -> shorter.write(path)));
    assertArrayEquals(before, Files.readAllBytes(path));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(path), files.toList());
    }
  }

  @Test
  void writesAlsoWhenItsThreadIsInterrupted() {
    Path path = folder.resolve("t.safetensors");
    Thread.currentThread().interrupt();
    new SafetensorsWriter().add("a", DType.F32, List.of(1L), new float[1]).write(path);
    assertTrue(Thread.interrupted());
    SafetensorsFile.open(path).close();
  }

  @Test
  void refusesWhatTheFormatCannotHold() {
    SafetensorsWriter writer = new SafetensorsWriter().add("a", DType.I8, List.of(), out -> {});
    assertEquals(
        "tensor a is added twice", refusal(() -> writer.add("a", DType.I8, List.of(), out -> {})));
    assertEquals(
        "tensor q: safetensors cannot hold Q8_0",
        refusal(() -> writer.add("q", DType.Q8_0, List.of(32L), new float[32])));
    assertEquals(
        "tensor f [4] has 3 values instead of 4",
        refusal(() -> writer.add("f", DType.F16, List.of(4L), new float[3])));
    assertEquals(
        "no tensor can be named __metadata__",
        refusal(() -> writer.add("__metadata__", DType.F16, List.of(1L), new float[1])));
    List<Long> large = Arrays.asList(1L << 40, 1L << 40);
    assertTrue(refusal(() -> writer.add("l", DType.I8, large, out -> {})).contains("too large"));
    Path nowhere = folder.resolve("absent").resolve("t.safetensors");
    assertEquals(
        nowhere + ": cannot be written: no such folder",
        refusal(() -> new SafetensorsWriter().write(nowhere)));
  }

  private static String refusal(Executable action) {
    return assertThrows(FormatException.class, action).getMessage();
  }
}
