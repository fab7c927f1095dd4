package org.slmruntime.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.SlmException;
import org.slmruntime.format.Metadata;
import org.slmruntime.json.JsonException;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;
import org.slmruntime.train.loop.Example;
import org.slmruntime.train.tokenizer.BpeOptions;
import org.slmruntime.train.tokenizer.BpeTrainer;
import org.slmruntime.train.tokenizer.BpeVocabulary;
import org.slmruntime.train.tokenizer.SpecialTexts;

class ExampleFileTest {
  private static final ByteModel MODEL = ByteModel.withTemplate(null);

  @TempDir Path folder;

  private ExampleFile read(int maxTokens, String... lines) throws IOException {
    Path file = Files.write(folder.resolve("rows.jsonl"), List.of(lines));
    return ExampleFile.read(file, MODEL.encoder(maxTokens));
  }

  private List<String> problems(String... lines) {
    BadRowsException e = assertThrows(BadRowsException.class, () -> read(8, lines));
    assertTrue(e.getMessage().startsWith(folder.resolve("rows.jsonl") + ": "), e::getMessage);
    return e.problems();
  }

  private static void refuses(Map<String, Object> row, String part) {
    JsonException e = assertThrows(JsonException.class, () -> MODEL.encode(row));
    assertTrue(e.getMessage().contains(part), e::getMessage);
  }

  @Test
  void learnsCompletionsAndWholeTexts() {
    MarkedTokens completion =
        MODEL.encode(Map.of("prompt", "What? ", "completion", "It.")).getFirst();
    assertEquals("<s>What? It.</s>", MODEL.text(completion.ids()));
    assertEquals(List.of("It.</s>"), MODEL.learned(completion));
    MarkedTokens ended = MODEL.encode(Map.of("text", "abc</s>")).getFirst();
    assertEquals("<s>abc</s>", MODEL.text(ended.ids()));
    assertEquals(List.of("abc</s>"), MODEL.learned(ended));
  }

  @Test
  void refusesRowsOfNoKindOrOfTwo() {
    refuses(Map.of(), "must have either");
    refuses(Map.of("text", "a", "prompt", "b"), "but has prompt and text");
    refuses(Map.of("prompt", "a"), "\"completion\" must be a JSON string but is null");
    refuses(Map.of("prompt", "a", "completion", ""), "no text to learn");
    refuses(Map.of("text", 3L), "\"text\" must be a JSON string");
  }

  @Test
  void cutsWhatIsTooLong() throws IOException {
    ExampleFile file = read(4, "{\"text\": \"ab\"}", "{\"text\": \"abcdef\"}");
    assertEquals(1, file.cut());
    assertEquals("<s>ab</s>", MODEL.text(file.examples().getFirst().ids()));
    Example cut = file.examples().getLast();
    assertEquals("<s>abc", MODEL.text(cut.ids()));
    assertArrayEquals(new boolean[] {false, true, true, true}, cut.counts());
  }

  @Test
  void namesAllRowsThatCannotBeUsed() {
    List<String> problems =
        problems(
            "{\"text\": \"fine\"}",
            "{\"text\": 1}",
            "",
            "no JSON",
            "{\"prompt\": \"seven..\", \"completion\": \"eight\"}");
    Path file = folder.resolve("rows.jsonl");
    assertEquals(3, problems.size(), problems::toString);
    assertTrue(problems.get(0).startsWith(file + ", line 2: "), problems::toString);
    assertTrue(problems.get(1).startsWith(file + ", line 4: "), problems::toString);
    assertEquals(
        file + ", line 5: 8 tokens come before what is to be learned; the context has 8",
        problems.get(2));
  }

  @Test
  void looksForNoMoreThanSomeBadRows() {
    String[] lines = new String[1000];
    Arrays.fill(lines, "{}");
    assertEquals(BadRowsException.MOST, problems(lines).size());
  }

  @Test
  void countsRowsWhosePromptHasOtherTokensByItself() throws IOException {
    SpecialTexts special = new SpecialTexts("<s>", "</s>", Optional.empty(), List.of());
    BpeVocabulary ab =
        BpeTrainer.train(Stream.of("ab ab ab"), new BpeOptions(259, "qwen2", special));
    Tokenizer tokenizer = Tokenizers.fromGguf(new Metadata("ab", ab.metadata())).orElseThrow();
    Path file = folder.resolve("crossing.jsonl");
    Files.write(
        file,
        List.of(
            "{\"prompt\": \"xa\", \"completion\": \"b\"}",
            "{\"prompt\": \"x\", \"completion\": \"ab\"}"));
    ExampleEncoder encoder = new ExampleEncoder(tokenizer, Optional.empty(), ByteModel.CLOCK, 8);
    assertEquals(1, ExampleFile.read(file, encoder).crossing());
    assertEquals(0, read(8, "{\"prompt\": \"xa\", \"completion\": \"b\"}").crossing());
  }

  @Test
  void refusesAFileWithoutRows() {
    SlmException e = assertThrows(SlmException.class, () -> read(8, "", " "));
    assertTrue(e.getMessage().endsWith(": has no rows"), e::getMessage);
  }
}
