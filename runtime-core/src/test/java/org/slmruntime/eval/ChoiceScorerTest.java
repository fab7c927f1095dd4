package org.slmruntime.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.engine.EngineException;
import org.slmruntime.tensor.DType;
import org.slmruntime.testing.TinyLlama;

class ChoiceScorerTest extends TinyModelEvaluation {
  private static int[] join(int[] a, int[] b) {
    int[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  /** Prompts that share nothing, something, or all with the one before. */
  private List<EncodedChoices> questions(int count) {
    List<EncodedChoices> questions = new ArrayList<>();
    int[] prompt = text(random.nextInt(1, 80));
    for (int q = 0; q < count; q++) {
      int kept = random.nextInt(Math.min(prompt.length, 80) + 1);
      int more = random.nextInt(kept == 0 ? 1 : 0, 30);
      prompt = join(Arrays.copyOf(prompt, kept), text(more));
      List<int[]> choices = new ArrayList<>();
      for (int c = random.nextInt(2, 5); c > 0; c--) {
        choices.add(text(random.nextInt(1, c == 2 ? 80 : 6)));
      }
      int[] lengths = random.ints(choices.size(), 1, 50).toArray();
      questions.add(new EncodedChoices(prompt, choices, lengths, random.nextInt(choices.size())));
    }
    return questions;
  }

  private static double[] plainScores(EncodedChoices question) {
    double[] scores = new double[question.continuations().size()];
    for (int c = 0; c < scores.length; c++) {
      int[] ids = join(question.prompt(), question.continuations().get(c));
      double[][] rows = PlainScores.logProbabilities(file, ids);
      for (int p = question.prompt().length - 1; p + 1 < ids.length; p++) {
        scores[c] += rows[p][ids[p + 1]];
      }
    }
    return scores;
  }

  @RepeatedTest(3)
  void scoresEachChoiceAsIfTheModelSawItAlone() {
    List<EncodedChoices> questions = questions(8);
    int right = 0;
    int rightNormalized = 0;
    double chance = 0;
    try (EvaluatedModel model = EvaluatedModel.open(file, PlainScores.options());
        ChoiceScorer scorer = new ChoiceScorer(model)) {
      for (EncodedChoices question : questions) {
        double[] expected = plainScores(question);
        assertArrayEquals(expected, scorer.score(question), 1e-9, () -> "seed " + seed);
        right += best(expected) == question.answer() ? 1 : 0;
        Arrays.setAll(expected, c -> expected[c] / question.lengths()[c]);
        rightNormalized += best(expected) == question.answer() ? 1 : 0;
        chance += 1.0 / expected.length / questions.size();
      }
      ChoiceAccuracy accuracy = scorer.accuracy();
      assertEquals(8, accuracy.questions());
      assertEquals(right / 8.0, accuracy.accuracy().mean(), 1e-12, () -> "seed " + seed);
      assertEquals(
          rightNormalized / 8.0, accuracy.normalizedAccuracy().mean(), 1e-12, () -> "seed " + seed);
      double p = right / 8.0;
      assertEquals(
          Math.sqrt(p * (1 - p) / 7),
          accuracy.accuracy().standardError(),
          1e-12,
          () -> "seed " + seed);
      assertEquals(chance, accuracy.chance(), 1e-12, () -> "seed " + seed);
    }
  }

  private static int best(double[] scores) {
    int best = 0;
    for (int c = 1; c < scores.length; c++) {
      best = scores[c] > scores[best] ? c : best;
    }
    return best;
  }

  @Test
  void prefersFewTokensAndManyCharactersAToken(@TempDir Path other) {
    Path uniform =
        new TinyLlama(7)
            .zeros("output.weight", DType.F32, TinyLlama.WIDTH, VOCABULARY)
            .write(other);
    int[] prompt = {1, 5};
    List<int[]> choices = List.of(new int[3], new int[1], new int[2], new int[1]);
    int[] lengths = {30, 5, 8, 5};
    try (EvaluatedModel model = EvaluatedModel.open(uniform, PlainScores.options());
        ChoiceScorer scorer = new ChoiceScorer(model)) {
      double token = -Math.log(VOCABULARY);
      assertArrayEquals(
          new double[] {3 * token, token, 2 * token, token},
          scorer.score(new EncodedChoices(prompt, choices, lengths, 1)),
          1e-9);
      assertEquals(1, scorer.accuracy().accuracy().mean());
      assertEquals(0, scorer.accuracy().normalizedAccuracy().mean());
      scorer.score(new EncodedChoices(prompt, choices, lengths, 0));
      assertEquals(0.5, scorer.accuracy().accuracy().mean());
      assertEquals(0.5, scorer.accuracy().normalizedAccuracy().mean());
      assertEquals(0.25, scorer.accuracy().chance());
    }
  }

  @Test
  void goesOnAfterAQuestionItCannotAnswer() {
    EncodedChoices good = questions(1).getFirst();
    List<int[]> tooLong = List.of(new int[1], new int[PlainScores.CONTEXT + 1]);
    int[] lengths = {1, 1};
    EncodedChoices bad = new EncodedChoices(good.prompt(), tooLong, lengths, 0);
    try (EvaluatedModel model = EvaluatedModel.open(file, PlainScores.options());
        ChoiceScorer scorer = new ChoiceScorer(model)) {
      double[] expected = scorer.score(good);
      String message = assertThrows(EngineException.class, () -> scorer.score(bad)).getMessage();
      assertTrue(message.contains("exceeds the context of 200"), message);
      assertArrayEquals(expected, scorer.score(good), () -> "seed " + seed);
      assertEquals(2, scorer.accuracy().questions());
    }
  }

  @Test
  void refusesTokensThatTheModelDoesNotHave() {
    int[] unknown = {3, VOCABULARY};
    int[] lengths = {1, 1};
    EncodedChoices inChoice =
        new EncodedChoices(new int[1], List.of(new int[1], unknown), lengths, 0);
    EncodedChoices inPrompt =
        new EncodedChoices(unknown, List.of(new int[1], new int[1]), lengths, 0);
    try (EvaluatedModel model = EvaluatedModel.open(file, PlainScores.options());
        ChoiceScorer scorer = new ChoiceScorer(model)) {
      for (EncodedChoices question : List.of(inChoice, inPrompt)) {
        String message =
            assertThrows(EvaluationException.class, () -> scorer.score(question)).getMessage();
        assertTrue(message.endsWith("token id 60 is not in 0..59"), message);
      }
    }
  }

  @Test
  void refusesQuestionsWithoutTokens() {
    List<int[]> two = List.of(new int[1], new int[1]);
    int[] lengths = {1, 1};
    refuses(() -> new EncodedChoices(new int[0], two, lengths, 0), "no tokens");
    List<int[]> empty = List.of(new int[1], new int[0]);
    refuses(() -> new EncodedChoices(new int[1], empty, lengths, 0), "no tokens");
    refuses(() -> new EncodedChoices(new int[1], two, new int[] {1, 0}, 0), "lengths [1, 0]");
    refuses(() -> new EncodedChoices(new int[1], two, new int[1], 0), "2 choices");
    refuses(() -> new EncodedChoices(new int[1], two, lengths, 2), "the answer is 2");
  }

  private static void refuses(Runnable work, String part) {
    String message = assertThrows(EvaluationException.class, work::run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
