package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerplexityCommandTest {
  @TempDir static Path folder;
  private static Path model;

  @BeforeAll
  static void writeModel() {
    model = TinyModel.write(folder);
  }

  @Test
  void scoresAShortTextWhole() throws IOException {
    int[] ids = tokens("hello hello");
    double expected = Math.exp(-logProbabilities(ids, 0) / (ids.length - 1));
    assertEquals(result(expected, ids.length - 1), perplexity("hello hello", 64));
  }

  @Test
  void scoresTheSecondHalfOfEachWindow() throws IOException {
    Random random = new Random(TinyModel.SEED);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      text.append((char) ('a' + random.nextInt(26)));
    }
    int[] ids = tokens(text.toString());
    int windows = ids.length / 8;
    double total = 0;
    for (int w = 0; w < windows; w++) {
      int[] part = Arrays.copyOfRange(ids, 8 * w, 8 * w + 8);
      part[0] = 1;
      total -= logProbabilities(part, 4);
    }
    assertTrue(windows >= 3, () -> "seed " + TinyModel.SEED);
    assertEquals(result(Math.exp(total / (3 * windows)), 3 * windows), perplexity(text, 8));
  }

  @Test
  void takesTheModelsContextForItsWindowWhereThatIsShort() throws IOException {
    String text = "z".repeat(3 * TinyModel.CONTEXT);
    String expected = perplexity(text, TinyModel.CONTEXT);
    Path file = folder.resolve("text.txt");
    Object[] args = {
      "perplexity", model, "--file", file, "--backend", "reference", "--kv-type", "f32"
    };
    Outcome run = Outcome.of(args).succeeded();
    assertEquals(expected, run.out());
    // A line that draws itself anew is for terminals.
    assertFalse(run.err().contains("\r"), run::toString);
  }

  @Test
  void refusesATextWithoutTwoTokens() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty.txt"));
    Outcome run = Outcome.of("perplexity", model, "--file", empty, "-q");
    run.failedWith(1, "empty.txt", "at least 2 are needed");
  }

  @Test
  void refusesAWindowThatScoresNothing() {
    Outcome.of("perplexity", model, "--file", model, "--ctx", 3).failedWith(2, "--ctx", "4", "3");
  }

  @Test
  void asksForTheText() {
    Outcome.of("perplexity", model).failedWith(2, "--file");
  }

  private static String perplexity(CharSequence text, int window) throws IOException {
    Path file = Files.writeString(folder.resolve("text.txt"), text);
    return Outcome.of(
            "perplexity",
            model,
            "--file",
            file,
            "--ctx",
            window,
            "--backend",
            "reference",
            "--kv-type",
            "f32",
            "-q")
        .succeeded()
        .out();
  }

  private static String result(double perplexity, int tokens) {
    return String.format(Locale.ROOT, "perplexity %.4f over %d tokens%n", perplexity, tokens);
  }

  private static int[] tokens(String text) {
    return PlainLogits.tokens(model, text);
  }

  /** Sum over the tokens after position {@code from}. */
  private static double logProbabilities(int[] ids, int from) {
    double[][] rows = PlainLogits.logProbabilities(model, ids, folder);
    double sum = 0;
    for (int t = from; t + 1 < ids.length; t++) {
      sum += rows[t][ids[t + 1]];
    }
    return sum;
  }
}
