package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.json.Json;

/** {@code slm eval --choices}, held against sums over what {@code slm logits} writes. */
class EvalChoicesTest {
  private static final int QUESTIONS = 6;
  private static final String TEMPLATE =
      "{% for m in messages %}{{ m.role[0] }} {{ m.content }}{% endfor %} a";

  @TempDir static Path folder;
  private static Path model;
  private static Path chatModel;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  @BeforeAll
  static void writeModels() {
    model = TinyModel.write(folder);
    chatModel = TinyModel.writeWithTemplate(folder, TEMPLATE);
  }

  private record Question(String key, String text, List<String> choices, int answer) {
    String line(boolean asLetter) {
      Object given = asLetter ? Character.toString('A' + answer) : (Object) answer;
      return Json.write(Map.of(key, text, "choices", choices, "answer", given));
    }

    String prompt() {
      return key.equals("prompt") ? text : "Question: " + text + "\nAnswer:";
    }
  }

  private String word() {
    return random
        .ints(random.nextInt(1, 7), 'a', 'z' + 1)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private List<Question> questions() {
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i < QUESTIONS; i++) {
      List<String> choices = Stream.generate(this::word).limit(random.nextInt(2, 5)).toList();
      String key = random.nextBoolean() ? "prompt" : "question";
      questions.add(new Question(key, word(), choices, random.nextInt(choices.size())));
    }
    return questions;
  }

  private Path write(List<Question> questions) throws IOException {
    List<String> lines = questions.stream().map(q -> q.line(random.nextBoolean())).toList();
    return Files.write(folder.resolve("questions.jsonl"), lines);
  }

  private static Outcome eval(Path model, Object... args) {
    Object[] fixed = {"eval", model, "--backend", "reference", "--kv-type", "f32"};
    return Outcome.of(Stream.of(fixed, args).flatMap(Arrays::stream).toArray());
  }

  /** The log-likelihood of what follows a prompt. */
  private static double logLikelihood(Path model, String prompt, String rest) {
    int from = PlainLogits.tokens(model, prompt).length - 1;
    int[] ids = PlainLogits.tokens(model, prompt + rest);
    double[][] rows = PlainLogits.logProbabilities(model, ids, folder);
    return IntStream.range(from, ids.length - 1).mapToDouble(p -> rows[p][ids[p + 1]]).sum();
  }

  private static int best(double[] scores) {
    return IntStream.range(0, scores.length)
        .reduce(0, (best, i) -> scores[i] > scores[best] ? i : best);
  }

  @Test
  void findsHowOftenTheRightChoiceIsTheLikeliest() throws IOException {
    List<Question> questions = questions();
    int right = 0;
    int rightPerCharacter = 0;
    double chance = 0;
    for (Question q : questions) {
      double[] scores = new double[q.choices.size()];
      double[] perCharacter = new double[q.choices.size()];
      for (int c = 0; c < scores.length; c++) {
        String choice = q.choices.get(c);
        scores[c] = logLikelihood(model, q.prompt(), " " + choice);
        perCharacter[c] = scores[c] / choice.length();
      }
      right += best(scores) == q.answer ? 1 : 0;
      rightPerCharacter += best(perCharacter) == q.answer ? 1 : 0;
      chance += 1.0 / scores.length / QUESTIONS;
    }
    Path file = write(questions);
    Outcome run = eval(model, "--choices", file, "--json").succeeded();
    Map<String, Object> result = Json.parseObject(run.out());
    String what = questions + " " + run + " seed " + seed;
    assertEquals(model.toString(), result.get("model"), what);
    assertEquals(false, result.get("chat"), what);
    assertEquals(6L, result.get("questions"), what);
    double accuracy = right / 6.0;
    assertEquals(accuracy, number(result, "acc"), 1e-9, what);
    double error = Math.sqrt(accuracy * (1 - accuracy) / 5);
    assertEquals(error, number(result, "acc_stderr"), 1e-9, what);
    assertEquals(rightPerCharacter / 6.0, number(result, "acc_norm"), 1e-9, what);
    assertEquals(chance, number(result, "chance"), 1e-9, what);
    assertEquals(result, Json.parseObject(eval(model, "--choices", file, "--json").out()), what);
  }

  private static double number(Map<String, Object> object, String key) {
    return ((Number) object.get(key)).doubleValue();
  }

  @Test
  void asksByTheChatTemplate() throws IOException {
    List<Question> questions = questions();
    int right = 0;
    for (Question q : questions) {
      String prompt = "u " + q.text + " a";
      double[] scores =
          q.choices.stream().mapToDouble(c -> logLikelihood(chatModel, prompt, c)).toArray();
      right += best(scores) == q.answer ? 1 : 0;
    }
    Outcome run = eval(chatModel, "--choices", write(questions), "--chat", "--json").succeeded();
    Map<String, Object> result = Json.parseObject(run.out());
    assertEquals(true, result.get("chat"));
    assertEquals(right / 6.0, number(result, "acc"), 1e-9, () -> run + " seed " + seed);
  }

  @Test
  void printsATableForPeople() throws IOException {
    Outcome run = eval(model, "--choices", write(questions()), "-q").succeeded();
    String number = "[01]\\.\\d{4}";
    String expected =
        "questions               6\\R"
            + ("accuracy                N \\+/- N\\R" + "accuracy per character  N \\+/- N\\R")
                .replace("N", number)
            + "accuracy of guessing    "
            + number
            + "\\R";
    assertTrue(run.out().matches(expected), () -> run + " seed " + seed);
    assertEquals("", run.err());
  }

  @Test
  void namesTheLineOfARowThatIsNoQuestion() throws IOException {
    String good = "{\"prompt\": \"a\", \"choices\": [\"b\", \"c\"], \"answer\": 0}\n";
    Path file = folder.resolve("bad.jsonl");
    Files.writeString(file, good + "\n" + good.replace("0", "7"));
    eval(model, "--choices", file, "-q")
        .failedWith(1, "bad.jsonl, line 3: the answer is 7, not in 0..1");
    Files.writeString(file, good + "{]");
    eval(model, "--choices", file, "-q").failedWith(1, "bad.jsonl, line 2: JSON, offset 1");
    Files.writeString(file, good + good.replace("\"a\"", "\"" + "z".repeat(100) + "\""));
    eval(model, "--choices", file, "-q")
        .failedWith(1, "bad.jsonl, line 2: prompt and choice 0 have 10", "the context has 64");
  }

  @Test
  void refusesFilesAndModelsThatCannotBeUsed() throws IOException {
    Path absent = folder.resolve("absent.jsonl");
    eval(model, "--choices", absent, "-q").failedWith(1, "absent.jsonl: no such file");
    eval(model, "--choices", folder, "-q").failedWith(1, "is a folder");
    Path empty = Files.writeString(folder.resolve("empty.jsonl"), "\n");
    eval(model, "--choices", empty, "-q").failedWith(1, "empty.jsonl: has no questions");
    Path file = write(questions());
    eval(model, "--choices", file, "--chat", "-q").failedWith(1, "tiny.gguf: has no chat template");
  }
}
