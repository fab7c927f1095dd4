package org.slmruntime.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.testing.TinyLlama;
import org.slmruntime.tokenizer.Tokenizer;

class ChoiceEncoderTest {
  private static final Clock TODAY =
      Clock.fixed(Instant.parse("2025-01-01T00:00:00Z"), ZoneOffset.UTC);
  private static final String TEMPLATE =
      "{% for m in messages %}{% if m.content == 'bad' %}{{ raise_exception('no bad words') }}"
          + "{% endif %}{{ bos_token }}{{ m.role[0] }} {{ m.content }} {% endfor %}"
          + "{{ strftime_now('%Y') | length }}a";

  @TempDir static Path folder;
  private static Path file;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  @BeforeAll
  static void writeModel() {
    file = new TinyLlama(7).put("tokenizer.chat_template", TEMPLATE).write(folder);
  }

  private static EvaluatedModel open(Path model) {
    return EvaluatedModel.open(model, PlainScores.options());
  }

  private static ChoiceQuestion question(String prompt, String... choices) {
    return ChoiceQuestion.ofPrompt("q.jsonl, line 5", prompt, List.of(choices), 1);
  }

  private static EncodedChoices plain(ChoiceQuestion question) {
    try (EvaluatedModel model = open(file)) {
      return ChoiceEncoder.plain(model).encode(question);
    }
  }

  /** What the prompt and a choice say together. */
  private static int[] whole(EncodedChoices choices, int index) {
    return IntStream.concat(
            IntStream.of(choices.prompt()), IntStream.of(choices.continuations().get(index)))
        .toArray();
  }

  private static int[] ids(String text) {
    try (EvaluatedModel model = open(file)) {
      return model.tokenizer().encode(text, true, true);
    }
  }

  private String letters() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(1, 9); i > 0; i--) {
      text.append((char) ('a' + random.nextInt(26)));
    }
    return text.toString();
  }

  @RepeatedTest(5)
  void encodesPromptAndChoiceAsOneTextWithASpaceBetweenThem() {
    ChoiceQuestion question = question(letters() + " " + letters(), letters(), letters());
    EncodedChoices encoded = plain(question);
    assertArrayEquals(ids(question.prompt()), encoded.prompt(), () -> "seed " + seed);
    for (int i = 0; i < 2; i++) {
      String text = question.prompt() + " " + question.choices().get(i);
      assertArrayEquals(ids(text), whole(encoded, i), () -> text + ", seed " + seed);
      assertEquals(question.choices().get(i).length(), encoded.lengths()[i]);
    }
    assertEquals(1, encoded.answer());
  }

  @Test
  void leavesTheSpaceOutWhereThereIsOne() {
    assertArrayEquals(ids("in the"), whole(plain(question("in ", "the", "a")), 0));
    assertArrayEquals(ids("in the"), whole(plain(question("in", " the", " a")), 0));
    assertArrayEquals(ids("in\u3000the"), whole(plain(question("in\u3000", "the", "a")), 0));
    assertArrayEquals(ids("the"), whole(plain(question("", "the", "a")), 0));
  }

  @Test
  void splitsBeforeATokenThatCrossesTheBorderInOneChoice() {
    EncodedChoices encoded = plain(question("in ", "the", "\u3042"));
    assertArrayEquals(ids("in"), encoded.prompt());
    assertArrayEquals(ids("in the"), whole(encoded, 0));
    assertArrayEquals(ids("in \u3042"), whole(encoded, 1));
    assertEquals(1, encoded.continuations().getFirst().length);
  }

  @Test
  void countsCharactersNotUnitsOfTheirEncoding() {
    assertArrayEquals(
        new int[] {2, 3},
        plain(question("a", "\uD83D\uDE00\uD83D\uDE00", "\u00e9e\u0301")).lengths());
  }

  @Test
  void takesSpecialTokensInAPlainTextForText() {
    int bos = 1;
    int[] prompt = plain(question("a<s>", "b", "c")).prompt();
    assertEquals(1, IntStream.of(prompt).filter(id -> id == bos).count());
  }

  @Test
  void rendersTheQuestionAsTheModelsChatDoesAndAddsNoSpace() {
    ChoiceQuestion question =
        ChoiceQuestion.ofQuestion("q.jsonl, line 5", "why", List.of("the", "nd"), 0);
    try (EvaluatedModel model = open(file)) {
      EncodedChoices encoded = ChoiceEncoder.chat(model, TODAY).encode(question);
      Tokenizer tokenizer = model.tokenizer();
      int[] expected = tokenizer.encode("<s>u why 4athe", false, true);
      assertEquals(1, expected[0]);
      assertArrayEquals(expected, whole(encoded, 0));
      // "and" has tokens that begin before the choice, so the split is before them.
      assertArrayEquals(tokenizer.encode("<s>u why 4and", false, true), whole(encoded, 1));
    }
  }

  @Test
  void refusesChatWithoutTemplateAndNamesWhatATemplateRefuses(@TempDir Path other) {
    try (EvaluatedModel model = open(file)) {
      ChoiceEncoder encoder = ChoiceEncoder.chat(model, TODAY);
      refuses(encoder, question("bad", "a", "b"), "q.jsonl, line 5: no bad words");
    }
    Path without = new TinyLlama(7).write(other);
    try (EvaluatedModel model = open(without)) {
      String message =
          assertThrows(EvaluationException.class, () -> ChoiceEncoder.chat(model, TODAY))
              .getMessage();
      assertEquals(without + ": has no chat template", message);
    }
  }

  @Test
  void refusesAChoiceThatNothingComesBefore(@TempDir Path other) {
    Path bare = new TinyLlama(7).put("tokenizer.ggml.add_bos_token", false).write(other);
    try (EvaluatedModel model = open(bare)) {
      refuses(
          ChoiceEncoder.plain(model),
          question("", "a", "b"),
          "q.jsonl, line 5: no token of the prompt comes before the choices");
    }
  }

  @Test
  void refusesWhatIsLongerThanTheContext() {
    try (EvaluatedModel model = open(file)) {
      ChoiceEncoder encoder = ChoiceEncoder.plain(model);
      String rest = "z".repeat(PlainScores.CONTEXT - 4);
      assertEquals(PlainScores.CONTEXT, whole(encoder.encode(question(rest, "q", "j")), 0).length);
      refuses(
          encoder,
          question(rest, "q", "qq"),
          "q.jsonl, line 5: prompt and choice 1 have 201 tokens; the context has 200");
    }
  }

  private static void refuses(ChoiceEncoder encoder, ChoiceQuestion question, String expected) {
    String message =
        assertThrows(EvaluationException.class, () -> encoder.encode(question)).getMessage();
    assertEquals(expected, message);
    assertTrue(message.startsWith(question.source()));
  }
}
