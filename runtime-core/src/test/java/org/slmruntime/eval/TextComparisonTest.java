package org.slmruntime.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.tensor.DType;
import org.slmruntime.testing.Requantized;
import org.slmruntime.testing.TinyLlama;

class TextComparisonTest extends TinyModelEvaluation {
  private static final Windows WINDOWS = new Windows.Sliding(120, 100);

  private static Divergence compare(Path model, Path reference, int[] ids) {
    try (EvaluatedModel mine = EvaluatedModel.open(model, PlainScores.options());
        EvaluatedModel theirs = EvaluatedModel.open(reference, PlainScores.options())) {
      TextComparison comparison = new TextComparison(mine, theirs);
      for (int w = 0; w < WINDOWS.count(ids.length); w++) {
        comparison.compare(WINDOWS.window(ids, w));
      }
      return comparison.divergence();
    }
  }

  private static Path quantized(DType type) {
    return Requantized.write(file, type, folder.resolve(type + ".gguf"));
  }

  @Test
  void findsNoDifferenceBetweenAModelAndItself() {
    Divergence result = compare(file, file, text(150));
    assertEquals(new Estimate(0, 0), result.mean(), () -> "seed " + seed);
    assertEquals(0, result.median());
    assertEquals(0, result.max());
    assertEquals(new Estimate(0, 0), result.logLikelihoodDifference());
    assertEquals(new Estimate(1, 0), result.sameTop());
    assertEquals(result.reference(), result.model());
    assertEquals(149, result.model().tokens());
  }

  @Test
  void findsMoreDifferenceTheFewerBitsTheWeightsHave() {
    int[] ids = text(150);
    Divergence eight = compare(quantized(DType.Q8_0), file, ids);
    Divergence four = compare(quantized(DType.Q4_0), file, ids);
    assertTrue(eight.mean().mean() > 0, () -> eight + ", seed " + seed);
    assertTrue(eight.mean().mean() < 0.1, () -> eight + ", seed " + seed);
    assertTrue(eight.sameTop().mean() > 0.8, () -> eight + ", seed " + seed);
    assertTrue(four.mean().mean() > 5 * eight.mean().mean(), () -> four + ", seed " + seed);
    assertTrue(four.mean().mean() < 3, () -> four + ", seed " + seed);
  }

  @RepeatedTest(3)
  void agreesWithPlainSumsOverTheLogits() {
    Path other = quantized(DType.Q4_0);
    int[] ids = text(random.nextInt(3, 250));
    double difference = 0;
    int same = 0;
    List<Double> divergences = new ArrayList<>();
    for (int w = 0; w < WINDOWS.count(ids.length); w++) {
      Window window = WINDOWS.window(ids, w);
      double[][] mine = PlainScores.logProbabilities(other, window.ids());
      double[][] theirs = PlainScores.logProbabilities(file, window.ids());
      for (int p = window.from(); p + 1 < window.ids().length; p++) {
        int next = window.ids()[p + 1];
        difference += mine[p][next] - theirs[p][next];
        same += top(mine[p]) == top(theirs[p]) ? 1 : 0;
        divergences.add(divergence(theirs[p], mine[p]));
      }
    }
    int count = divergences.size();
    Divergence result = compare(other, file, ids);
    String what = ids.length + " tokens, seed " + seed;
    assertEquals(ids.length - 1, count, what);
    assertEquals(count, result.reference().tokens(), what);
    assertEquals(difference / count, result.logLikelihoodDifference().mean(), 1e-9, what);
    assertEquals(
        Math.log(result.reference().value() / result.model().value()),
        result.logLikelihoodDifference().mean(),
        1e-9,
        what);
    assertEquals((double) same / count, result.sameTop().mean(), 1e-9, what);
    double sum = divergences.stream().mapToDouble(d -> d).sum();
    assertEquals(sum / count, result.mean().mean(), 1e-9, what);
    List<Double> sorted = divergences.stream().sorted().toList();
    double median = (sorted.get((count - 1) / 2) + sorted.get(count / 2)) / 2;
    assertEquals(median, result.median(), 1e-9, what);
    assertEquals(sorted.getLast(), result.max(), 1e-9, what);
  }

  private static double divergence(double[] of, double[] from) {
    double sum = 0;
    for (int id = 0; id < of.length; id++) {
      sum += Math.exp(of[id]) * (of[id] - from[id]);
    }
    return sum;
  }

  private static int top(double[] row) {
    int top = 0;
    for (int id = 1; id < row.length; id++) {
      top = row[id] > row[top] ? id : top;
    }
    return top;
  }

  @Test
  void takesQuantilesBetweenNeighboursAsNumpyDoes() {
    double[] sorted = {1, 2, 3, 4};
    assertEquals(2.5, TextComparison.quantile(sorted, 0.5));
    assertEquals(3.97, TextComparison.quantile(sorted, 0.99), 1e-12);
    assertEquals(4, TextComparison.quantile(sorted, 1));
    assertEquals(7, TextComparison.quantile(new double[] {7}, 0.99));
    assertEquals(Double.NaN, TextComparison.quantile(new double[0], 0.5));
  }

  @Test
  void refusesModelsWithVocabulariesOfDifferentSize(@TempDir Path other) {
    Path padded =
        new TinyLlama(7)
            .tensor("token_embd.weight", TinyLlama.WIDTH, VOCABULARY + 4)
            .tensor("output.weight", TinyLlama.WIDTH, VOCABULARY + 4)
            .write(other);
    refuses(padded, "the vocabularies differ", "64 logits", "60", padded.toString());
  }

  @Test
  void refusesModelsThatGiveAnIdDifferentTexts(@TempDir Path other) {
    TinyLlama model = new TinyLlama(7);
    List<String> tokens =
        new ArrayList<>(model.metadata().strings("tokenizer.ggml.tokens").orElseThrow());
    String before = tokens.set(12, "z".repeat(1000));
    Path changed = model.put("tokenizer.ggml.tokens", List.copyOf(tokens)).write(other);
    String after = "token 12 is \"" + "z".repeat(40) + "...\" in";
    refuses(changed, "the vocabularies differ", after, "\"" + before + "\" in " + file);
  }

  private static void refuses(Path other, String... parts) {
    int[] ids = {1, 2, 3};
    String message =
        assertThrows(EvaluationException.class, () -> compare(other, file, ids)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }
}
