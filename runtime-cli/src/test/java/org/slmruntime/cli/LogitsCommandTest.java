package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.format.npy.NpyFile;

class LogitsCommandTest {
  private static final int VOCABULARY = TinyModel.TOKENS.size();

  @TempDir static Path folder;
  private static Path model;

  @BeforeAll
  static void writeModel() {
    model = TinyModel.write(folder);
  }

  @Test
  void writesOneRowOfFloat32ForEachToken() throws IOException {
    Path out = folder.resolve("shape.npy");
    Outcome run = Outcome.of("logits", model, "--ids", "1,270,5", "--out", out).succeeded();
    assertEquals("", run.out());
    byte[] bytes = Files.readAllBytes(out);
    String header = new String(bytes, 0, 128, StandardCharsets.ISO_8859_1);
    assertTrue(header.contains("'descr': '<f4'"), header);
    assertTrue(header.contains("'shape': (3, " + VOCABULARY + ")"), header);
    assertEquals(128 + 3 * VOCABULARY * 4, bytes.length);
  }

  @Test
  void givesTheSameLogitsInChunksOfAnySize() {
    String ids = IntStream.range(0, 70).mapToObj(i -> "" + i).collect(Collectors.joining(","));
    double[] whole = logits(ids, "64");
    assertEquals(70 * VOCABULARY, whole.length);
    assertArrayEquals(whole, logits(ids, "1"), 1e-4);
    assertArrayEquals(whole, logits(ids, "7"), 1e-4);
  }

  private static double[] logits(String ids, String chunk) {
    Path out = folder.resolve("chunk" + chunk + ".npy");
    Outcome.of(
            "logits",
            model,
            "--ids",
            ids,
            "--out",
            out,
            "--chunk",
            chunk,
            "--kv-type",
            "f32",
            "--backend",
            "reference")
        .succeeded();
    return NpyFile.read(out).values();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1,9999", "1,2,-7"})
  void refusesAnUnknownIdAndWritesNothing(String ids) {
    Path out = folder.resolve("none.npy");
    Outcome.of("logits", model, "--ids", ids, "--out", out, "-q")
        .failedWith(1, "token id " + ids.replaceAll(".*,", ""), "0.." + (VOCABULARY - 1));
    assertTrue(Files.notExists(out));
  }

  @Test
  void refusesMoreIdsThanTheContextHolds() {
    Path out = folder.resolve("none.npy");
    Outcome.of("logits", model, "--ids", "1,2,3", "--ctx", 2, "--out", out, "-q")
        .failedWith(1, "3 token ids", "context of 2");
    assertTrue(Files.notExists(out));
  }

  @Test
  void refusesIdsThatAreNoNumbersAndChunksOfNothing() {
    Outcome.of("logits", model, "--ids", "1,x", "--out", "o.npy").failedWith(2, "--ids", "'x'");
    Outcome.of("logits", model, "--ids", "", "--out", "o.npy").failedWith(2, "--ids");
    Outcome.of("logits", model, "--ids", "1", "--out", "o.npy", "--chunk", 0)
        .failedWith(2, "--chunk", "1..64", "0");
    Outcome.of("logits", model, "--ids", "1", "--out", "o.npy", "--chunk", 65)
        .failedWith(2, "--chunk", "1..64", "65");
    Outcome.of("logits", model, "--ids", "1").failedWith(2, "--out");
  }

  @Test
  void takesTheIdsAsTokenizePrintsThem() throws IOException {
    Path plain = folder.resolve("plain.npy");
    Path printed = folder.resolve("printed.npy");
    Outcome.of("logits", model, "--ids", "1,286,287", "--out", plain).succeeded();
    Outcome.of("logits", model, "--ids", "[1, 286, 287]\n", "--out", printed).succeeded();
    assertArrayEquals(Files.readAllBytes(plain), Files.readAllBytes(printed));
  }

  @Test
  void saysThatTheFileCannotBeWritten() {
    Path out = folder.resolve("absent").resolve("o.npy");
    Outcome run = Outcome.of("logits", model, "--ids", "1", "--out", out, "-q");
    run.failedWith(1, out.toString(), "cannot be written: no such folder");
  }
}
