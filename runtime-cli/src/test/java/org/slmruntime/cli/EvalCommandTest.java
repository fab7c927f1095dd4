package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.json.Json;
import org.slmruntime.tensor.DType;

/** {@code slm eval --text}, held against sums over what {@code slm logits} writes. */
class EvalCommandTest {
  @TempDir static Path folder;
  private static Path model;
  private static Path other;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  @BeforeAll
  static void writeModels() {
    model = TinyModel.write(folder);
    other = TinyModel.writeOther(folder, 5);
  }

  private Path text(int letters) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < letters; i++) {
      text.append(i % 7 == 6 ? ' ' : (char) ('a' + random.nextInt(26)));
    }
    return Files.writeString(folder.resolve("text.txt"), text);
  }

  private static Outcome eval(Object... args) {
    Object[] fixed = {"eval", model, "--backend", "reference", "--kv-type", "f32"};
    return Outcome.of(Stream.of(fixed, args).flatMap(Arrays::stream).toArray());
  }

  private static double number(Map<String, Object> object, String key) {
    return ((Number) object.get(key)).doubleValue();
  }

  @Test
  void printsWhatPerplexityPrintsWithItsError() throws IOException {
    Path text = text(100);
    Outcome plain =
        Outcome.of(
            "perplexity",
            model,
            "--file",
            text,
            "--backend",
            "reference",
            "--kv-type",
            "f32",
            "--ctx",
            16);
    String[] words = plain.succeeded().out().strip().split(" ", -1);
    Outcome run = eval("--text", text, "--ctx", 16).succeeded();
    String expected = "tokens scored  " + words[3] + "\\Rperplexity     " + words[1];
    assertTrue(run.out().matches(expected + " \\+/- [0-9.]+\\R"), () -> run + " seed " + seed);
    // A line that draws itself anew is for terminals.
    assertFalse(run.err().contains("\r"), run::toString);
  }

  @Test
  void scoresEveryTokenOnceWhereWindowsOverlap() throws IOException {
    int window = random.nextInt(8, 20);
    int stride = random.nextInt(2, window);
    Path text = text(40);
    int[] ids = PlainLogits.tokens(model, Files.readString(text));
    double total = 0;
    int scored = 1;
    for (int start = 0; scored < ids.length; start += stride) {
      int end = Math.min(start + window, ids.length);
      double[][] rows =
          PlainLogits.logProbabilities(model, Arrays.copyOfRange(ids, start, end), folder);
      for (; scored < end; scored++) {
        total -= rows[scored - 1 - start][ids[scored]];
      }
    }
    Object[] args = {"--text", text, "--ctx", window, "--stride", stride, "--json", "-q"};
    Outcome run = eval(args).succeeded();
    Map<String, Object> result = Json.parseObject(run.out());
    String what = "window " + window + ", stride " + stride + ", seed " + seed;
    assertEquals(ids.length - 1, number(result, "tokens"), what);
    double expected = Math.exp(total / (ids.length - 1));
    assertEquals(expected, number(result, "perplexity"), 1e-6 * expected, what);
    assertTrue(number(result, "perplexity_stderr") > 0, what);
    assertEquals(window, number(result, "window"), what);
    assertEquals(stride, number(result, "stride"), what);
    assertEquals(model.toString(), result.get("model"));
    assertEquals("", run.err());
  }

  @Test
  void measuresTheDivergenceFromAReference() throws IOException {
    Path text = text(25);
    int[] ids = PlainLogits.tokens(model, Files.readString(text));
    double[][] mine = PlainLogits.logProbabilities(model, ids, folder);
    double[][] theirs = PlainLogits.logProbabilities(other, ids, folder);
    int count = ids.length - 1;
    double[] divergences = new double[count];
    double own = 0;
    double others = 0;
    for (int p = 0; p < count; p++) {
      own -= mine[p][ids[p + 1]] / count;
      others -= theirs[p][ids[p + 1]] / count;
      for (int v = 0; v < mine[p].length; v++) {
        divergences[p] += Math.exp(theirs[p][v]) * (theirs[p][v] - mine[p][v]);
      }
    }
    Arrays.sort(divergences);
    Outcome run = eval("--text", text, "--reference", other, "--json").succeeded();
    Map<String, Object> result = Json.parseObject(run.out());
    String what = run + " seed " + seed;
    assertEquals(Math.exp(own), number(result, "perplexity"), 1e-6 * Math.exp(own), what);
    double reference = number(result, "reference_perplexity");
    assertEquals(Math.exp(others), reference, 1e-6 * Math.exp(others), what);
    assertEquals(others - own, number(result, "log_likelihood_difference"), 1e-6, what);
    double mean = Arrays.stream(divergences).sum() / count;
    assertEquals(mean, number(result, "kl_mean"), 1e-6 * mean, what);
    double median = (divergences[(count - 1) / 2] + divergences[count / 2]) / 2;
    assertEquals(median, number(result, "kl_median"), 1e-6 * median, what);
    double max = divergences[count - 1];
    assertEquals(max, number(result, "kl_max"), 1e-6 * max, what);
    assertTrue(number(result, "kl_99") <= max && number(result, "kl_99") >= median, what);
    assertTrue(number(result, "same_top") < 1, what);
    assertEquals(other.toString(), result.get("reference"));
    assertTrue(run.err().contains("both models are in memory: "), run::toString);
  }

  @Test
  void findsAModelEqualToItself() throws IOException {
    Outcome run = eval("--text", text(30), "--reference", model).succeeded();
    String nothing = "0.000000";
    assertEquals(nothing + " +/- " + nothing, row(run, "KL divergence, mean"), run::toString);
    assertEquals(nothing, row(run, "KL divergence, median"), run::toString);
    assertEquals(nothing, row(run, "KL divergence, 99 %"), run::toString);
    assertEquals(nothing, row(run, "KL divergence, maximum"), run::toString);
    assertEquals("1.0000 +/- 0.0000", row(run, "same most likely token"), run::toString);
    String difference = row(run, "log-likelihood less the reference's");
    assertEquals(nothing + " +/- " + nothing, difference, run::toString);
    String own = row(run, "perplexity");
    assertEquals(own, row(run, "perplexity of the reference"), run::toString);
  }

  /** A value of the table. */
  private static String row(Outcome run, String label) {
    return run.out()
        .lines()
        .filter(line -> line.startsWith(label + "  "))
        .map(line -> line.substring(label.length()).strip())
        .findFirst()
        .orElse("no row " + label);
  }

  @Test
  void printsNullForAnErrorThatOneTokenCannotHave() throws IOException {
    Path text = Files.writeString(folder.resolve("one.txt"), "hello");
    String out = eval("--text", text, "--json", "-q").succeeded().out();
    Map<String, Object> result = Json.parseObject(out);
    assertEquals(1, number(result, "tokens"), out);
    assertTrue(result.containsKey("perplexity_stderr"), out);
    assertEquals(null, result.get("perplexity_stderr"), out);
    String table = eval("--text", text, "-q").succeeded().out();
    String value = String.format(Locale.ROOT, "%.4f", number(result, "perplexity"));
    assertTrue(table.endsWith("  " + value + System.lineSeparator()), table);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--ctx 8|what to evaluate on",
        "--text t --choices c|what to evaluate on",
        "--choices c --reference r|--reference goes with --text",
        "--choices c --stride 3|--stride goes with --text",
        "--text t --chat|--chat goes with --choices",
        "--text TEXT --ctx 3|--ctx must be at least 4 but is 3",
        "--text TEXT --ctx 8 --stride 8|--stride must be in 1..7 but is 8",
        "--text TEXT --ctx 8 --stride 0|--stride must be in 1..7 but is 0",
        "--text TEXT --stride x|'x' is not a whole number",
        "--text TEXT --threads -1|--threads must be in"
      })
  void refusesOptionsThatDoNotFit(String options, String problem) throws IOException {
    String path = text(30).toString();
    Object[] args = options.replace("TEXT", path).split(" ", -1);
    eval(args).failedWith(2, problem);
  }

  @Test
  void refusesTextsAndReferencesThatCannotBeUsed() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.txt"), "");
    eval("--text", empty, "-q").failedWith(1, "empty.txt", "at least 2 are needed");
    eval("--text", folder.resolve("absent.txt"), "-q").failedWith(1, "absent.txt", "no such file");
    Path text = text(30);
    Path absent = folder.resolve("absent.gguf");
    eval("--text", text, "--reference", absent, "-q").failedWith(1, "absent.gguf");
    eval("--text", text, "--reference", folder, "-q").failedWith(1, "is a folder");
  }

  @Test
  void saysWhatIsInMemoryWhereTheReferenceCannotBeLoadedBesideIt(@TempDir Path elsewhere)
      throws IOException {
    Path undecodable = TinyModel.write(elsewhere, "llama", DType.I8);
    eval("--text", text(30), "--reference", undecodable, "-q")
        .failedWith(
            1,
            undecodable + ": cannot be loaded beside the model, which takes ",
            "(both are in memory at once): backend reference cannot run",
            "I8");
  }

  @Test
  void refusesAReferenceWithAnotherVocabulary() throws IOException {
    Path changed = folder.resolve("changed.gguf");
    List<String> tokens = new ArrayList<>(TinyModel.TOKENS);
    tokens.set(260, "ß");
    GgufWriter writer = new GgufWriter();
    try (GgufFile file = GgufFile.open(other)) {
      file.metadata().values().forEach(writer::put);
      writer.put("tokenizer.ggml.tokens", tokens);
      file.tensors().forEach(writer::add);
      writer.write(changed);
    }
    eval("--text", text(30), "--reference", changed, "-q")
        .failedWith(1, "the vocabularies differ: token 260 is \"a\" in " + model, "\"ß\" in");
  }
}
