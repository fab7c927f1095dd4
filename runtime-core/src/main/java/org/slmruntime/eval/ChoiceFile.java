package org.slmruntime.eval;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slmruntime.json.Json;
import org.slmruntime.json.JsonLines;

/**
 * Multiple-choice questions as JSON Lines: {@code {"question": "...", "choices": ["...", "..."],
 * "answer": 0}}. Instead of {@code question} there may be {@code prompt}, a text to be continued as
 * it is. The answer is the right choice's index from 0 or its letter from A. Other keys are
 * ignored.
 */
public final class ChoiceFile {
  /** Lines of 1 MiB, 256 MiB and a million questions in all. */
  public static final JsonLines.Limits LIMITS =
      new JsonLines.Limits(1 << 20, 1_000_000, 256L << 20);

  private static final int LONGEST_SHOWN = 20;
  private static final String QUESTION = "question";
  private static final String PROMPT = "prompt";

  private ChoiceFile() {}

  /**
   * Reads all questions.
   *
   * @throws org.slmruntime.SlmException naming file and line of the first one that is malformed
   */
  public static List<ChoiceQuestion> read(Path file) throws IOException {
    List<ChoiceQuestion> questions = JsonLines.read(file, LIMITS, ChoiceFile::question);
    if (questions.isEmpty()) {
      throw new EvaluationException(file + ": has no questions");
    }
    return questions;
  }

  private static ChoiceQuestion question(JsonLines.Row row) {
    Map<String, Object> values = row.values();
    if (values.containsKey(QUESTION) == values.containsKey(PROMPT)) {
      throw row.error("must have either \"question\" or \"prompt\"");
    }
    List<String> choices = choices(row);
    int answer = answer(row);
    if (values.containsKey(QUESTION)) {
      String question = row.string(QUESTION);
      return ChoiceQuestion.ofQuestion(row.source(), question, choices, answer);
    }
    return ChoiceQuestion.ofPrompt(row.source(), row.string(PROMPT), choices, answer);
  }

  private static List<String> choices(JsonLines.Row row) {
    List<String> choices = new ArrayList<>();
    for (Object choice : row.array("choices")) {
      if (!(choice instanceof String text)) {
        throw row.error(
            "\"choices\" must be JSON strings but choice "
                + choices.size()
                + " is "
                + Json.kind(choice));
      }
      choices.add(text);
    }
    return choices;
  }

  /** An index as it is, a letter as its place in the alphabet. */
  private static int answer(JsonLines.Row row) {
    Object answer = row.values().get("answer");
    if (answer instanceof Long index && index == index.intValue()) {
      return index.intValue();
    }
    if (answer instanceof String letter && letter.matches("[A-Za-z]")) {
      return Character.toUpperCase(letter.charAt(0)) - 'A';
    }
    String given = String.valueOf(answer);
    throw row.error(
        "\"answer\" must be an index from 0 or a letter from A but is "
            + (given.length() > LONGEST_SHOWN ? Json.kind(answer) : given));
  }
}
