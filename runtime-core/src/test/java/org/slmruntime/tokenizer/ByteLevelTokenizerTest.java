package org.slmruntime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.format.FormatException;

class ByteLevelTokenizerTest {
  @Test
  void spellsTextInBytesWithoutMerges() {
    Tokenizer tokenizer = TestVocabularies.byteLevel("gpt-2").build();
    for (int seed = 0; seed < 50; seed++) {
      String text = TestVocabularies.randomText(new SplittableRandom(seed), 100);
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      int[] ids = tokenizer.encode(text, false, false);
      assertEquals(bytes.length, ids.length, "seed " + seed);
      for (int i = 0; i < ids.length; i++) {
        assertEquals(bytes[i] & 0xff, ids[i], "seed " + seed + ", byte " + i);
      }
      assertEquals(text, tokenizer.decode(ids), "seed " + seed);
    }
  }

  @Test
  void appliesTheEarliestMergeFirst() {
    TestVocabularies v = TestVocabularies.byteLevel("gpt-2").add("ab").add("bc");
    v.put("merges", List.of("b c", "a b"));
    assertArrayEquals(v.ids("a", "bc"), v.build().encode("abc", false, false));
    v.put("merges", List.of("a b", "b c"));
    assertArrayEquals(v.ids("ab", "c"), v.build().encode("abc", false, false));
  }

  @Test
  void mergesNothingAcrossPieces() {
    TestVocabularies v = TestVocabularies.byteLevel("gpt-2").add("aĠ").add("Ġb");
    v.put("merges", List.of("a Ġ", "Ġ b"));
    assertArrayEquals(v.ids("a", "Ġb"), v.build().encode("a b", false, false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gpt-2|12345|12345",
        "llama-bpe|12345|123,45",
        "qwen2|123|1,2,3",
        "smollm|a12|a,1,2",
        "deepseek-v3|12345|123,45",
        "gpt-2|it's|it,'s",
        "llama-bpe|IT'S|IT,'S",
        "gpt-2|IT'S|IT,',S",
      })
  void splitsAsTheNamedPreTokenizerDoes(String pre, String text, String pieces) {
    List<String> split = List.of(text);
    for (PreTokenizer part : PreTokenizerKind.named(pre).orElseThrow().splits()) {
      split = split.stream().flatMap(p -> part.split(p, true).stream()).toList();
    }
    assertEquals(List.of(pieces.split(",")), split);
  }

  @Test
  void takesAWholePieceThatIsATokenOnlyWhereMergesAreIgnored() {
    List<String> none = List.of();
    TestVocabularies v = TestVocabularies.byteLevel("llama-bpe").add("abc").put("merges", none);
    assertArrayEquals(v.ids("abc"), v.build().encode("abc", false, false));
    v.put("pre", "gpt-2");
    assertArrayEquals(v.ids("a", "b", "c"), v.build().encode("abc", false, false));
  }

  @Test
  void writesNoControlTokens() {
    Tokenizer tokenizer = TestVocabularies.byteLevel("gpt-2").build();
    int[] ids = tokenizer.encode("a<|endoftext|>b", false, true);
    assertArrayEquals(new int[] {'a', 256, 'b'}, ids);
    assertEquals("ab", tokenizer.decode(ids));
    assertEquals(15, tokenizer.encode("a<|endoftext|>b", false, false).length);
    assertTrue(tokenizer.isControl(256));
  }

  @Test
  void refusesAPreTokenizerItDoesNotKnow() {
    TestVocabularies v = TestVocabularies.byteLevel("martian");
    String message = assertThrows(FormatException.class, v::build).getMessage();
    assertEquals("test.gguf: metadata key tokenizer.ggml.pre \"martian\" is unknown", message);
  }

  @Test
  void refusesAMergeWithoutSpace() {
    TestVocabularies v = TestVocabularies.byteLevel("gpt-2").put("merges", List.of("ab"));
    assertTrue(assertThrows(TokenizerException.class, v::build).getMessage().contains("\"ab\""));
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 12, 33, 200})
  void mergesAsTheDefinitionSaysOnRandomVocabularies(int length) {
    for (int seed = 0; seed < 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      TestVocabularies v = TestVocabularies.byteLevel("gpt-2");
      List<String> merges = randomMerges(v, random);
      Tokenizer tokenizer = v.put("merges", merges).build();
      String text = TestVocabularies.randomWord(random, "abc", length);
      int[] expected = v.ids(naive(merges, text).toArray(String[]::new));
      assertArrayEquals(
          expected, tokenizer.encode(text, false, false), "seed " + seed + ": " + text);
      assertArrayEquals(
          expected, tokenizer.encode(text, false, false), "again, seed " + seed + ": " + text);
    }
  }

  private static List<String> randomMerges(TestVocabularies v, SplittableRandom random) {
    List<String> known = new ArrayList<>(List.of("a", "b", "c"));
    List<String> merges = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String left = known.get(random.nextInt(known.size()));
      String right = known.get(random.nextInt(known.size()));
      if (!v.tokens.contains(left + right)) {
        v.add(left + right);
        known.add(left + right);
        merges.add(left + " " + right);
      }
    }
    return merges;
  }

  private static List<String> naive(List<String> merges, String text) {
    List<String> symbols = new ArrayList<>(List.of(text.split("")));
    while (true) {
      int best = -1;
      int bestRank = Integer.MAX_VALUE;
      for (int i = 0; i + 1 < symbols.size(); i++) {
        int rank = merges.indexOf(symbols.get(i) + " " + symbols.get(i + 1));
        if (rank >= 0 && rank < bestRank) {
          bestRank = rank;
          best = i;
        }
      }
      if (best < 0) {
        return symbols;
      }
      symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
    }
  }
}
