package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.tensor.DType;

/** Packed weights of model files, kept where --packed-cache says. */
class PackedCacheTest {
  @TempDir Path folder;
  private Path model;
  private Path cache;

  @BeforeEach
  void writeModel() {
    Assumptions.assumeTrue(Vectors.PRESENT, "the cpu backend needs the Vector API");
    model = TinyModel.write(folder, "llama", DType.Q4_0);
    cache = folder.resolve("packed");
  }

  @Test
  void aSecondRunTakesThemFromTheFirst() throws IOException {
    byte[] plain = logits();
    byte[] first = logits("--packed-cache", cache);
    List<Path> files = files();
    assertEquals(1, files.size());
    FileTime used = FileTime.fromMillis(1000);
    Files.setLastModifiedTime(files.getFirst(), used);
    byte[] second = logits("--packed-cache", cache);
    assertEquals(files, files());
    assertTrue(Files.getLastModifiedTime(files.getFirst()).compareTo(used) > 0);
    assertArrayEquals(plain, first);
    assertArrayEquals(plain, second);
  }

  @Test
  void aModelFileThatWasWrittenToIsPackedAnew() throws IOException {
    logits("--packed-cache", cache);
    Files.setLastModifiedTime(model, FileTime.fromMillis(1000));
    logits("--packed-cache", cache);
    assertEquals(2, files().size());
  }

  @Test
  void aRunSaysWhyItKeepsNothing() {
    Outcome run =
        Outcome.of("run", model, "--backend", "cpu", "-p", "a", "-n", 1, "--packed-cache", model);
    String expected = "slm: packed weights are not kept in " + model + ": it is not a folder";
    assertTrue(run.succeeded().err().contains(expected), run::toString);
  }

  private byte[] logits(Object... more) throws IOException {
    Path out = folder.resolve("logits.npy");
    Object[] fixed = {"logits", model, "--ids", "1,270,5", "--out", out, "--backend", "cpu"};
    Outcome.of(Stream.concat(Stream.of(fixed), Stream.of(more)).toArray()).succeeded();
    return Files.readAllBytes(out);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.sorted().toList();
    }
  }
}
