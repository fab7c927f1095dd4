package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.engine.Generation;
import org.slmruntime.engine.LanguageModel;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.sampling.Sampling;

class RunCommandTest {
  @TempDir static Path folder;
  private static Path model;

  @BeforeAll
  static void writeModel() {
    model = TinyModel.write(folder);
  }

  @Test
  void printsTheCompletionAloneOnStandardOutput() {
    String expected;
    ModelOptions options = ModelOptions.defaults().backend("reference").notice(_ -> {});
    try (LanguageModel opened = LanguageModel.open(model, options);
        Generation generation = opened.generate("hello", Sampling.greedy().maxTokens(12))) {
      expected = generation.result().text();
    }
    assertFalse(expected.isEmpty());
    Outcome run = reference("-p", "hello", "-n", 12, "--temp", 0).succeeded();
    assertEquals(expected + System.lineSeparator(), run.out());
    assertTrue(run.err().contains("backend reference"), run::toString);
    assertTrue(run.err().contains("12 new tokens"), run::toString);
  }

  @Test
  void runsOnTheBackendChosenByProbing() {
    Outcome run = Outcome.of("run", model, "-p", "hello", "-n", 3).succeeded();
    String best = Cuda.reason().isEmpty() ? "cuda" : Vectors.PRESENT ? "cpu" : "reference";
    assertTrue(run.err().contains("slm: backend " + best + " ("), run::toString);
  }

  @Test
  void saysInItsOneLineWhatTheGpuBackendLacks() {
    Outcome run = Outcome.of("run", model, "-p", "hello", "-n", 3).succeeded();
    String told = run.err().lines().findFirst().orElseThrow();
    Cuda.reason().ifPresent(why -> assertTrue(told.contains("; not cuda: " + why), run::toString));
  }

  @Test
  void saysNothingButTheCompletionWhenQuiet() {
    Outcome run = reference("-p", "hello", "-n", 3, "-q").succeeded();
    assertEquals("", run.err());
  }

  @Test
  void readsThePromptFromAFileOrStandardInputAlike() throws IOException {
    Path prompt = Files.writeString(folder.resolve("prompt.txt"), "hello wörld\n");
    String fromFile = reference("--file", prompt, "-n", 8, "--temp", 0).succeeded().out();
    Outcome fromInput =
        Outcome.withInput(
            "hello wörld\n", "run", model, "--backend", "reference", "-n", 8, "--temp", 0);
    assertEquals(fromFile, fromInput.succeeded().out());
    String fromText = reference("-p", "hello wörld\n", "-n", 8, "--temp", 0).succeeded().out();
    assertEquals(fromFile, fromText);
  }

  @Test
  void repeatsARandomChoiceWithItsSeed() {
    Object[] args = {"-p", "hello", "-n", 10, "--temp", 1.5, "--top-k", 0, "--seed", 7};
    assertEquals(reference(args).succeeded().out(), reference(args).succeeded().out());
    args[args.length - 1] = 8;
    Object[] seven = args.clone();
    seven[args.length - 1] = 7;
    assertFalse(reference(seven).out().equals(reference(args).out()));
  }

  @Test
  void printsNothingForNoTokens() {
    assertEquals(System.lineSeparator(), reference("-p", "hello", "-n", 0).succeeded().out());
  }

  @Test
  void endsWhenTheContextIsFull() {
    Outcome run = reference("-p", "hello", "--temp", 0, "--ctx", 16, "--ignore-eos").succeeded();
    assertTrue(run.err().contains(", length, "), run::toString);
  }

  @Test
  void takesAPromptThatBeginsWithAnAtSignAsItIs() throws IOException {
    Path file = Files.writeString(folder.resolve("args"), "--no-such-option");
    reference("-p", "@" + file, "-n", 1, "--ctx", 1000).succeeded();
  }

  @Test
  void refusesAPromptThatIsLongerThanTheContext() {
    reference("-q", "-p", "z".repeat(TinyModel.CONTEXT))
        .failedWith(1, "66 tokens", "context of 64");
  }

  @Test
  void refusesAPromptThatIsNotUtf8() throws IOException {
    Path file = Files.write(folder.resolve("latin1.txt"), new byte[] {'a', 'b', (byte) 0xe9, 'c'});
    reference("--file", file).failedWith(1, "latin1.txt", "not UTF-8", "byte 2");
    Outcome.withInput(new byte[] {(byte) 0xff}, "run", model)
        .failedWith(1, "standard input", "not UTF-8");
  }

  @Test
  void saysThatStandardInputCannotBeRead() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("Is a directory");
          }

          @Override
          public int read(byte[] bytes, int from, int count) throws IOException {
            return read();
          }
        };
    StringWriter err = new StringWriter();
    PrintWriter errors = new PrintWriter(err);
    assertEquals(1, Slm.execute(broken, errors, errors, "run", model.toString()));
    assertEquals("slm: standard input: Is a directory\n", err.toString());
  }

  @Test
  void refusesAPromptFileThatIsAbsentOrAFolder() {
    reference("--file", folder.resolve("absent.txt")).failedWith(1, "absent.txt", "no such file");
    reference("--file", folder).failedWith(1, folder.toString(), "folder");
  }

  @Test
  void asksForAPromptWhereThereIsNone() {
    reference().failedWith(2, "no prompt", "slm run --help");
  }

  @Test
  void refusesTwoPrompts() {
    reference("-p", "hello", "--file", model).failedWith(2, "-p", "--file");
  }

  @Test
  void refusesABackendNobodyHas() {
    Outcome.of("run", model, "-p", "hi", "--backend", "tpu")
        .failedWith(2, "\"tpu\"", "auto", "cpu", "cuda", "reference");
  }

  @Test
  void saysWhyCudaCannotBeUsed() {
    String reason = Cuda.reason().orElse(null);
    Assumptions.assumeTrue(reason != null, "this machine has a GPU");
    Outcome.of("run", model, "-p", "hi", "--backend", "cuda")
        .failedWith(1, "backend cuda cannot be used: " + reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "chat", "inspect", "logits", "perplexity", "parity", "bench"})
  void everyCommandThatOpensAModelTakesADevice(String command) {
    Outcome help = Outcome.of(command, "--help").succeeded();
    assertTrue(help.out().contains("--device=N"), help::toString);
    assertTrue(help.out().contains("--gpu-sync"), help::toString);
  }

  @Test
  void ignoresGpuOptionsOnAnotherBackend() {
    Object[] plain = {"-p", "hello", "-n", 5, "--temp", 0};
    Object[] gpu = {"-p", "hello", "-n", 5, "--temp", 0, "--device", 3, "--gpu-sync"};
    assertEquals(reference(plain).succeeded().out(), reference(gpu).succeeded().out());
  }

  @ParameterizedTest
  @CsvSource({
    "--temp, -1",
    "--temp, NaN",
    "--temp, 1001",
    "--temp, warm",
    "--top-k, -1",
    "--top-k, 1.5",
    "--top-p, 0",
    "--top-p, 1.01",
    "--top-p, -0.5",
    "--min-p, -0.1",
    "--min-p, 2",
    "--typical, 0",
    "--repeat-penalty, 0",
    "--presence-penalty, Infinity",
    "--frequency-penalty, NaN",
    "--penalty-window, -1",
    "--max-tokens, -2",
    "--max-tokens, many",
    "--max-tokens, 99999999999",
    "--seed, x",
    "--threads, -1",
    "--threads, 1025",
    "--device, -1",
    "--ctx, -5",
    "--kv-type, f8"
  })
  void refusesAValueOutOfItsRangeByNamingOptionAndValue(String option, String value) {
    reference("-p", "hi", option, value).failedWith(2, option, value);
  }

  @Test
  void refusesAnEmptyStopString() {
    reference("-p", "hi", "--stop", "").failedWith(2, "--stop");
  }

  @Test
  void checksOptionsBeforeItOpensTheModel() {
    Outcome.of("run", folder.resolve("absent.gguf"), "-p", "hi", "--temp", -1)
        .failedWith(2, "--temp");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--no-such-option", "--tmp=1"})
  void refusesAnUnknownOption(String option) {
    reference("-p", "hi", option).failedWith(2, option.replaceAll("=.*", ""), "slm run --help");
  }

  private static Outcome reference(Object... args) {
    Object[] all = new Object[args.length + 4];
    all[0] = "run";
    all[1] = model;
    all[2] = "--backend";
    all[3] = "reference";
    System.arraycopy(args, 0, all, 4, args.length);
    return Outcome.of(all);
  }
}
