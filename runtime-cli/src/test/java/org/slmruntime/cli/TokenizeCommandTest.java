package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizeCommandTest {
  private static final String NL = System.lineSeparator();
  private static final String TOKENIZER_JSON =
      """
      {
        "added_tokens": [
          {"id": 4, "content": "<s>", "special": true, "normalized": false,
           "single_word": false, "lstrip": false, "rstrip": false}
        ],
        "normalizer": null,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
        "post_processor": null,
        "decoder": {"type": "ByteLevel"},
        "model": {
          "type": "BPE",
          "vocab": {"a": 0, "b": 1, "ab": 2, "Ġ": 3, "<s>": 4},
          "merges": ["a b"]
        }
      }
      """;

  @TempDir static Path folder;
  private static Path model;

  @BeforeAll
  static void writeModel() {
    model = TinyModel.write(folder);
  }

  @Test
  void printsATextsIdsWithoutBos() {
    assertEquals(ids("▁hello"), Outcome.of("tokenize", model, "hello").succeeded().out());
    assertEquals(
        ids("▁hello", "▁w", "o"), Outcome.of("tokenize", model, "hello wo").succeeded().out());
  }

  @Test
  void addsWhatBeginsATextOnRequest() {
    Outcome special = Outcome.of("tokenize", model, "hello", "--special").succeeded();
    assertEquals(ids("<s>", "▁hello"), special.out());
    Outcome first = Outcome.of("tokenize", "--special", model, "hello").succeeded();
    assertEquals(special.out(), first.out());
  }

  @Test
  void writesWhatHasNoTokenAsBytes() {
    assertEquals(
        ids("▁", "<0xC3>", "<0xA4>"), Outcome.of("tokenize", model, "ä").succeeded().out());
  }

  @Test
  void readsTheTextFromAFileOrStandardInput() throws IOException {
    Path file = Files.writeString(folder.resolve("text.txt"), "hello\n");
    String expected = ids("▁hello", "<0x0A>");
    assertEquals(expected, Outcome.of("tokenize", model, "--file", file).succeeded().out());
    assertEquals(expected, Outcome.withInput("hello\n", "tokenize", model).succeeded().out());
  }

  @Test
  void printsALineOfIdsForEachCase() throws IOException {
    Path cases = Files.writeString(folder.resolve("cases.json"), "[\"hello\", \"\", \"\\u00e4\"]");
    assertEquals(
        ids("▁hello") + "[]" + NL + ids("▁", "<0xC3>", "<0xA4>"),
        withoutEmptyPrefix(Outcome.of("tokenize", model, "--cases", cases).succeeded().out()));
  }

  /** Whether an empty text has the prefix token is the tokenizer's matter, not the command's. */
  private static String withoutEmptyPrefix(String out) {
    return out.replace(NL + ids("▁"), NL + "[]" + NL);
  }

  @Test
  void readsATokenizerJsonAndAFolderThatHoldsOne() throws IOException {
    Path hugging = Files.createDirectories(folder.resolve("hugging"));
    Path json = Files.writeString(hugging.resolve("tokenizer.json"), TOKENIZER_JSON);
    assertEquals("[2, 3, 0]" + NL, Outcome.of("tokenize", json, "ab a").succeeded().out());
    assertEquals("[2, 3, 0]" + NL, Outcome.of("tokenize", hugging, "ab a").succeeded().out());
    assertEquals("[4, 2]" + NL, Outcome.of("tokenize", json, "<s>ab").succeeded().out());
  }

  @Test
  void takesATextThatLooksLikeAnOptionAfterTwoDashes() {
    assertEquals(ids("▁", "<0x2D>", "x"), Outcome.of("tokenize", model, "--", "-x").out());
  }

  @Test
  void refusesMoreThanOneText() {
    Outcome.of("tokenize", model, "hello", "--file", model).failedWith(2, "only one of");
    Outcome.of("tokenize", model, "--cases", model, "--file", model).failedWith(2, "only one of");
  }

  @Test
  void refusesCasesThatAreNoArrayOfStrings() throws IOException {
    Path cases = folder.resolve("bad.json");
    for (String text : List.of("{}", "[1]", "[\"a\"", "", "[[\"a\"]]", "[null]")) {
      Files.writeString(cases, text);
      Outcome.of("tokenize", model, "--cases", cases).failedWith(1, "bad.json");
    }
  }

  @Test
  void refusesAnAbsentOrMalformedTokenizerJson() throws IOException {
    Outcome.of("tokenize", folder.resolve("absent.json"), "x").failedWith(1, "no such file");
    Path broken = Files.writeString(folder.resolve("broken.json"), "{\"model\": 5}");
    Outcome.of("tokenize", broken, "x").failedWith(1, "broken.json");
  }

  private static String ids(String... tokens) {
    return Arrays.stream(tokens).map(TinyModel.TOKENS::indexOf).toList() + NL;
  }
}
