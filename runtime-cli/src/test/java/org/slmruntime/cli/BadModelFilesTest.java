package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.tensor.DType;

/** Every command that opens a model says in one line what is wrong with it. */
class BadModelFilesTest {
  @TempDir Path folder;
  private Path text;

  @BeforeEach
  void writeText() throws IOException {
    text = Files.writeString(folder.resolve("text.txt"), "hello world hello world");
  }

  @Test
  void sayThatAPathIsWrong() {
    assertAllFail(folder.resolve("absent.gguf"), "absent.gguf", "no such file");
  }

  @Test
  void sayThatAPathIsAFolder() {
    assertRunFails(folder, "folder");
  }

  @Test
  void sayThatANameWasNotPulled() {
    assertAllFail(
        Path.of("no-such-owner/no-such-model"), "no such file", "slm pull no-such-owner/no-such-");
  }

  @Test
  void sayThatAFileIsEmpty() throws IOException {
    assertAllFail(Files.createFile(folder.resolve("empty.gguf")), "empty.gguf", "empty");
  }

  @Test
  void sayThatAFileIsTruncated() throws IOException {
    byte[] whole = Files.readAllBytes(TinyModel.write(folder));
    Random random = new Random(TinyModel.SEED);
    Path cut = folder.resolve("cut.gguf");
    for (int i = 0; i < 50; i++) {
      int length = 1 + random.nextInt(whole.length - 1);
      Files.write(cut, Arrays.copyOf(whole, length));
      Outcome run = Outcome.of("run", cut, "-p", "hi");
      assertEquals(1, run.code(), () -> "seed " + TinyModel.SEED + ", " + length + ": " + run);
      run.failedWith(1, "cut.gguf");
    }
  }

  @Test
  void sayThatAFileIsNoGguf() throws IOException {
    byte[] bytes = Files.readAllBytes(TinyModel.write(folder));
    bytes[0] = 'X';
    Path file = Files.write(folder.resolve("magic.gguf"), bytes);
    assertAllFail(file, "magic.gguf", "not a GGUF file");
  }

  @Test
  void sayThatAnArchitectureIsUnknown() {
    Path file = TinyModel.write(folder, "newformer", DType.F32);
    assertRunFails(file, "newformer", "not supported", "llama");
  }

  @Test
  void keepControlCharactersFromTheTerminal() {
    Path file = TinyModel.write(folder, "\u001b[31mred\nslm: fake", DType.F32);
    Outcome run = Outcome.of("run", file, "-p", "hi");
    run.failedWith(1, "[31mred?slm: fake");
    assertTrue(run.err().indexOf('\u001b') < 0, run::toString);
  }

  @Test
  void showAStackTraceWithDebugOnly() {
    Path absent = folder.resolve("absent.gguf");
    Outcome debug = Outcome.of("run", absent, "-p", "hi", "--debug");
    assertEquals(1, debug.code());
    assertTrue(debug.err().contains("\tat org.slmruntime"), debug::toString);
    Outcome before = Outcome.of("--debug", "run", absent, "-p", "hi");
    assertTrue(before.err().contains("\tat org.slmruntime"), before::toString);
    assertRunFails(absent);
  }

  private static void assertRunFails(Path model, String... parts) {
    Outcome.of("run", model, "-p", "hi").failedWith(1, parts);
  }

  private void assertAllFail(Path model, String... parts) {
    Path out = folder.resolve("out.npy");
    List<Object[]> commands =
        List.of(
            new Object[] {"run", model, "-p", "hi"},
            new Object[] {"tokenize", model, "hi"},
            new Object[] {"inspect", model},
            new Object[] {"bench", model, "-p", 1, "-n", 1},
            new Object[] {"parity", model, "--backends", "reference,reference"},
            new Object[] {"perplexity", model, "--file", text},
            new Object[] {"eval", model, "--text", text},
            new Object[] {"logits", model, "--ids", "1", "--out", out});
    commands.forEach(args -> Outcome.of(args).failedWith(1, parts));
    assertTrue(Files.notExists(out));
  }
}
