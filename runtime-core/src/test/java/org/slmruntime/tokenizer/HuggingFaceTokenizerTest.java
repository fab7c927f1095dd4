package org.slmruntime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HuggingFaceTokenizerTest {
  @TempDir Path folder;

  private Tokenizer read(String json) throws IOException {
    return Tokenizers.fromHuggingFace(Files.writeString(folder.resolve("tokenizer.json"), json));
  }

  @Test
  void runsTheStepsOfAByteLevelFile() throws IOException {
    Tokenizer tokenizer = read(HuggingFaceFiles.BPE);
    assertArrayEquals(new int[] {6, 3, 4}, tokenizer.encode("abc Zb", false, false));
    assertArrayEquals(new int[] {6, 8}, tokenizer.encode("abc", true, false));
    assertEquals("abc ab", tokenizer.decode(new int[] {6, 3, 4, 8}));
  }

  @Test
  void letsAddedTokensTakeTheSpaceAroundThem() throws IOException {
    Tokenizer tokenizer = read(HuggingFaceFiles.BPE);
    assertArrayEquals(new int[] {0, 9, 1}, tokenizer.encode("a [x] b", false, false));
  }

  @Test
  void recognizesSpecialTokensOnlyWhereWanted() throws IOException {
    Tokenizer tokenizer = read(HuggingFaceFiles.WORD_PIECE);
    assertArrayEquals(new int[] {7, 3, 7}, tokenizer.encode("run [MASK] run", false, true));
    assertArrayEquals(new int[] {7, 0, 0, 0}, tokenizer.encode("run [MASK]", false, false));
  }

  @Test
  void runsTheStepsOfAUnigramFile() throws IOException {
    Tokenizer tokenizer = read(HuggingFaceFiles.UNIGRAM);
    assertArrayEquals(new int[] {3, 3, 4, 1}, tokenizer.encode("A  AB", true, false));
    assertEquals("a ab", tokenizer.decode(new int[] {3, 3, 4, 1}));
  }

  @Test
  void runsTheStepsOfAWordPieceFile() throws IOException {
    Tokenizer tokenizer = read(HuggingFaceFiles.WORD_PIECE);
    int[] ids = tokenizer.encode("UNwantéd, running", true, false);
    assertArrayEquals(new int[] {1, 4, 5, 6, 9, 7, 8, 2}, ids);
    assertEquals("unwanted, running", tokenizer.decode(ids));
  }

  @Test
  void takesSpecialIdsFromTheFilesBeside() throws IOException {
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"bos_token\": \"a\", \"eos_token\": {\"content\": \"b\"}}");
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [2, 99]}");
    Tokenizer tokenizer = read(HuggingFaceFiles.BPE);
    assertEquals(0, tokenizer.bosId().orElseThrow());
    assertEquals(1, tokenizer.eosId().orElseThrow());
    // "<|end|>" is known by its text.
    assertEquals(Set.of(1, 2, 8), tokenizer.endOfGeneration());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"NFC\"|\"Rot13\"|normalizer Rot13 is not supported",
        "\"Digits\"|\"Cut\"|pre_tokenizer Cut is not supported",
        "\"TemplateProcessing\"|\"Magic\"|post_processor Magic is not supported",
        "{\"type\": \"ByteLevel\"},|{\"type\": \"Morse\"},|decoder Morse is not supported",
        "\"type\": \"BPE\"|\"type\": \"Char\"|model Char is not supported",
        "\"Isolated\"|\"Blended\"|behavior Blended is not supported",
        "\"abc\": 6|\"abc\": -6|the id of abc must be in 0..16777215 but is -6",
        "\"a b\"|\"ab\"|merge \"ab\" has no space between its parts",
      })
  void saysWhatItDoesNotSupport(String good, String bad, String problem) {
    assertTrue(HuggingFaceFiles.BPE.contains(good), good);
    String json = HuggingFaceFiles.BPE.replace(good, bad);
    String message = assertThrows(TokenizerException.class, () -> read(json)).getMessage();
    assertEquals(folder.resolve("tokenizer.json") + ": " + problem, message);
  }
}
