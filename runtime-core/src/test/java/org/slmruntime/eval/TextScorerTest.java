package org.slmruntime.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.engine.EngineException;
import org.slmruntime.tensor.DType;
import org.slmruntime.testing.TinyLlama;

class TextScorerTest extends TinyModelEvaluation {
  private static Perplexity score(Path model, Windows windows, int[] ids) {
    try (EvaluatedModel opened = EvaluatedModel.open(model, PlainScores.options())) {
      TextScorer scorer = new TextScorer(opened);
      for (int w = 0; w < windows.count(ids.length); w++) {
        scorer.score(windows.window(ids, w));
      }
      return scorer.perplexity();
    }
  }

  @Test
  void findsAModelThatKnowsNothingAsUnsureAsItsVocabularyIsLarge(@TempDir Path other) {
    Path uniform =
        new TinyLlama(7)
            .zeros("output.weight", DType.F32, TinyLlama.WIDTH, VOCABULARY)
            .write(other);
    int[] ids = text(100);
    Perplexity result = score(uniform, new Windows.Sliding(30, 17), ids);
    assertEquals(99, result.tokens());
    assertEquals(VOCABULARY, result.value(), 1e-9);
    assertEquals(VOCABULARY, result.estimate().mean(), 1e-9);
    assertEquals(0, result.estimate().standardError(), 1e-9);
  }

  @RepeatedTest(3)
  void agreesWithPlainSumsOverTheLogits() {
    int length = random.nextInt(4, PlainScores.CONTEXT);
    Windows windows =
        random.nextBoolean()
            ? new Windows.Halves(length, OptionalInt.of(1))
            : new Windows.Sliding(length, random.nextInt((length + 1) / 2, length));
    int[] ids = text(random.nextInt(2, 400));
    double[] surprises = {};
    for (int w = 0; w < windows.count(ids.length); w++) {
      Window window = windows.window(ids, w);
      double[][] rows = PlainScores.logProbabilities(file, window.ids());
      for (int p = window.from(); p + 1 < window.ids().length; p++) {
        surprises = Arrays.copyOf(surprises, surprises.length + 1);
        surprises[surprises.length - 1] = -rows[p][window.ids()[p + 1]];
      }
    }
    int count = surprises.length;
    double mean = Arrays.stream(surprises).sum() / count;
    double squares = Arrays.stream(surprises).map(x -> (x - mean) * (x - mean)).sum();
    String what = windows + " of " + ids.length + " tokens, seed " + seed;
    Perplexity result = score(file, windows, ids);
    assertEquals(count, result.tokens(), what);
    assertEquals(Math.exp(mean), result.value(), 1e-9 * Math.exp(mean), what);
    if (count > 1) {
      double error = Math.exp(mean) * Math.sqrt(squares / (count - 1) / count);
      assertEquals(error, result.estimate().standardError(), 1e-6 * Math.exp(mean), what);
    }
  }

  @Test
  void givesTheSameToTheLastBitOnEachRun() {
    int[] ids = text(150);
    Windows windows = new Windows.Halves(70, OptionalInt.empty());
    assertEquals(score(file, windows, ids), score(file, windows, ids), () -> "seed " + seed);
  }

  @Test
  void refusesTokensThatTheModelDoesNotHave() {
    Windows windows = new Windows.Halves(8, OptionalInt.empty());
    for (int id : new int[] {VOCABULARY, -1}) {
      int[] ids = {1, 2, id};
      String message =
          assertThrows(EvaluationException.class, () -> score(file, windows, ids)).getMessage();
      assertTrue(message.endsWith("token id " + id + " is not in 0..59"), message);
    }
  }

  @Test
  void refusesWindowsLongerThanTheContext() {
    Windows windows = new Windows.Halves(PlainScores.CONTEXT + 2, OptionalInt.empty());
    String message =
        assertThrows(EngineException.class, () -> score(file, windows, text(300))).getMessage();
    assertTrue(message.contains("201 tokens exceeds the context of 200"), message);
  }

  @Test
  void refusesAModelWithoutTokenizer(@TempDir Path other) {
    Path silent = new TinyLlama(7).put("tokenizer.ggml.model", "no_vocab").write(other);
    String message =
        assertThrows(
                EvaluationException.class, () -> EvaluatedModel.open(silent, PlainScores.options()))
            .getMessage();
    assertEquals(silent + ": has no tokenizer", message);
  }
}
