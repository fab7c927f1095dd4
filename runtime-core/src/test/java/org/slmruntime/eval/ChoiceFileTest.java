package org.slmruntime.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slmruntime.SlmException;

class ChoiceFileTest {
  private static final String GOOD =
      "{\"prompt\": \"a\", \"choices\": [\"b\", \"c\"], \"answer\": 1}";

  @TempDir Path folder;

  private List<ChoiceQuestion> read(String text) throws IOException {
    return ChoiceFile.read(Files.writeString(folder.resolve("q.jsonl"), text));
  }

  @Test
  void readsQuestionsAndPrompts() throws IOException {
    String question =
        "{\"id\": 7, \"question\": \"Why?\", \"choices\": [\"x\", \"y\"], \"answer\": 0}";
    List<ChoiceQuestion> questions = read(question + "\n\n" + GOOD);
    String file = folder.resolve("q.jsonl").toString();
    assertEquals(
        new ChoiceQuestion(
            file + ", line 1", "Why?", "Question: Why?\nAnswer:", List.of("x", "y"), 0),
        questions.get(0));
    assertEquals(
        new ChoiceQuestion(file + ", line 3", "a", "a", List.of("b", "c"), 1), questions.get(1));
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "2, 2", "\"A\", 0", "\"C\", 2", "\"b\", 1"})
  void takesIndicesFromZeroAndLetters(String answer, int expected) throws IOException {
    String line =
        "{\"prompt\": \"a\", \"choices\": [\"b\", \"c\", \"d\"], \"answer\": " + answer + "}";
    assertEquals(expected, read(line).getFirst().answer());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "{|JSON, offset 1",
        "[]|a row must be a JSON object but is an array",
        "{\"choices\": [\"b\", \"c\"], \"answer\": 0}|must have either \"question\" or \"prompt\"",
        "{\"question\": \"q\", \"prompt\": \"p\"}|must have either \"question\" or \"prompt\"",
        "{\"prompt\": 1, \"choices\": [\"b\", \"c\"], \"answer\": 0}|\"prompt\" must be a JSON string",
        "{\"prompt\": \"p\", \"answer\": 0}|\"choices\" must be a JSON array but is null",
        "{\"prompt\": \"p\", \"choices\": {}}|\"choices\" must be a JSON array but is an object",
        "{\"prompt\": \"p\", \"choices\": [\"b\", 2], \"answer\": 0}|choice 1 is a number",
        "{\"prompt\": \"p\", \"choices\": [\"b\"], \"answer\": 0}|has 1 choices, not 2 to 26",
        "{\"prompt\": \"p\", \"choices\": [], \"answer\": 0}|has 0 choices, not 2 to 26",
        "{\"prompt\": \"p\", \"choices\": [\"b\", \"\"], \"answer\": 0}|choice 1 is empty",
        "{\"prompt\": \"p\", \"choices\": [\"b\", \"c\"]}|\"answer\" must be an index from 0",
        "{\"prompt\": \"p\", \"choices\": [\"b\", \"c\"], \"answer\": 2}|the answer is 2, not in 0..1",
        "{\"prompt\": \"p\", \"choices\": [\"b\", \"c\"], \"answer\": -1}|the answer is -1, not in",
        "{\"prompt\": \"p\", \"choices\": [\"b\", \"c\"], \"answer\": \"C\"}|is 2, not in 0..1",
        "{\"prompt\": \"p\", \"choices\": [\"b\", \"c\"], \"answer\": \"AB\"}|from A but is AB",
        "{\"prompt\": \"p\", \"choices\": [\"b\", \"c\"], \"answer\": 0.0}|from A but is 0.0",
        "{\"prompt\": \"p\", \"choices\": [\"b\", \"c\"], \"answer\": 4294967296}|but is 4294967296"
      })
  void refusesARowThatIsNoQuestionByItsLine(String row, String problem) {
    SlmException e = assertThrows(SlmException.class, () -> read(GOOD + "\n" + row + "\n"));
    String message = e.getMessage();
    assertTrue(message.startsWith(folder.resolve("q.jsonl") + ", line 2: "), message);
    assertTrue(message.contains(problem), message);
  }

  @Test
  void refusesMoreChoicesThanThereAreLettersAndShowsNoLongAnswers() {
    String many = "\"x\", ".repeat(26) + "\"x\"";
    String row = "{\"prompt\": \"p\", \"choices\": [" + many + "], \"answer\": 0}";
    String message = assertThrows(SlmException.class, () -> read(row)).getMessage();
    assertEquals(folder.resolve("q.jsonl") + ", line 1: has 27 choices, not 2 to 26", message);
    String loud = GOOD.replace("1}", "\"" + "A".repeat(500) + "\"}");
    message = assertThrows(SlmException.class, () -> read(loud)).getMessage();
    assertEquals(
        folder.resolve("q.jsonl")
            + ", line 1: \"answer\" must be an index from 0 or a letter from A but is a string",
        message);
  }

  @Test
  void refusesAFileWithoutQuestions() {
    String message = assertThrows(EvaluationException.class, () -> read("\n \n")).getMessage();
    assertEquals(folder.resolve("q.jsonl") + ": has no questions", message);
  }

  @Test
  void refusesLinesBeyondTheirLimit() {
    String endless = "{\"prompt\": \"" + "x".repeat(ChoiceFile.LIMITS.lineBytes());
    String message =
        assertThrows(SlmException.class, () -> read(GOOD + "\n" + endless)).getMessage();
    assertEquals(folder.resolve("q.jsonl") + ", line 2: longer than 1048576 bytes", message);
  }
}
