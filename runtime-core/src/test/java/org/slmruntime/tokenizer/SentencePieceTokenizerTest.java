package org.slmruntime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SentencePieceTokenizerTest {
  private static TestVocabularies words() {
    return TestVocabularies.sentencePiece()
        .add("▁", 1, -1)
        .add("h", 1, -2)
        .add("i", 1, -3)
        .add("hi", 1, -4)
        .add("▁hi", 1, -5)
        .add("t", 1, -6)
        .add("it", 1, -0.5);
  }

  @Test
  void putsASpaceBeforeTheTextUnlessTheFileSaysNo() {
    TestVocabularies v = words();
    assertArrayEquals(v.ids("▁hi"), v.build().encode("hi", false, true));
    v.put("add_space_prefix", false);
    assertArrayEquals(v.ids("hi"), v.build().encode("hi", false, true));
  }

  @Test
  void dropsThatSpaceAgainWhenDecoding() {
    Tokenizer tokenizer = words().build();
    assertEquals("hi hi", tokenizer.decode(tokenizer.encode("hi hi", true, true)));
    assertEquals(" hi", tokenizer.decode(tokenizer.encode(" hi", true, true)));
  }

  @Test
  void joinsThePairOfHighestScoreFirst() {
    TestVocabularies v = words().put("add_space_prefix", false);
    assertArrayEquals(v.ids("h", "it"), v.build().encode("hit", false, true));
  }

  @Test
  void joinsTheLeftmostPairOnEqualScores() {
    TestVocabularies v = TestVocabularies.sentencePiece().put("add_space_prefix", false);
    v.add("a").add("aa", 1, -1);
    assertArrayEquals(v.ids("aa", "a"), v.build().encode("aaa", false, true));
  }

  @Test
  void spellsWhatHasNoTokenInBytes() {
    TestVocabularies v = words().put("add_space_prefix", false);
    int[] ids = v.build().encode("é", false, true);
    assertArrayEquals(v.ids("<0xC3>", "<0xA9>"), ids);
    assertEquals("é", v.build().decode(ids));
  }

  @Test
  void saysUnknownWhereByteTokensAreMissing() {
    TestVocabularies v = new TestVocabularies();
    v.put("model", "llama").put("add_space_prefix", false).put("unknown_token_id", 0L);
    v.add("<unk>", TestVocabularies.UNKNOWN, 0).add("a");
    assertArrayEquals(new int[] {1, 0, 1}, v.build().encode("aba", false, false));
  }

  @Test
  void findsUserDefinedTokensEverywhereAndControlTokensOnlyWhereWanted() {
    TestVocabularies v = words().put("add_space_prefix", false);
    v.add("[[", TestVocabularies.USER_DEFINED, 0);
    Tokenizer tokenizer = v.build();
    assertArrayEquals(v.ids("hi", "[[", "hi"), tokenizer.encode("hi[[hi", false, false));
    assertArrayEquals(v.ids("hi", "</s>", "hi"), tokenizer.encode("hi</s>hi", false, true));
    int[] asText = tokenizer.encode("hi</s>hi", false, false);
    assertEquals("hi</s>hi", tokenizer.decode(asText));
    assertTrue(asText.length > 3);
  }

  @Test
  void addsBosAndEosAsTheFileSays() {
    TestVocabularies v = words().put("add_eos_token", true);
    assertArrayEquals(v.ids("<s>", "▁hi", "</s>"), v.build().encode("hi", true, true));
    assertTrue(v.build().addsBos());
    v.put("add_bos_token", false);
    assertArrayEquals(v.ids("▁hi", "</s>"), v.build().encode("hi", true, true));
    assertFalse(v.build().addsBos());
    assertEquals(Set.of(v.id("</s>")), v.build().endOfGeneration());
  }

  @Test
  void turnsLoneSurrogatesIntoReplacementCharacters() {
    Tokenizer tokenizer = words().build();
    assertEquals("a\ufffdb", tokenizer.decode(tokenizer.encode("a\ud800b", false, true)));
  }

  @Test
  void joinsAsTheDefinitionSaysOnRandomVocabularies() {
    for (int seed = 0; seed < 300; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      TestVocabularies v = randomVocabulary(random);
      Tokenizer tokenizer = v.build();
      String text = TestVocabularies.randomWord(random, "abcdé", 1 + random.nextInt(40));
      assertArrayEquals(
          naive(v, text), tokenizer.encode(text, false, false), "seed " + seed + ": " + text);
    }
  }

  private static TestVocabularies randomVocabulary(SplittableRandom random) {
    TestVocabularies v = TestVocabularies.sentencePiece().put("add_space_prefix", false);
    v.add("a").add("b").add("c");
    for (int i = 0; i < 40; i++) {
      String token = TestVocabularies.randomWord(random, "abcd", 2 + random.nextInt(4));
      if (!v.tokens.contains(token)) {
        v.add(token, TestVocabularies.NORMAL, -random.nextInt(10));
      }
    }
    return v;
  }

  /** Looks through all pairs before every merge. */
  private static int[] naive(TestVocabularies v, String text) {
    List<String> symbols = new ArrayList<>(List.of(text.split("")));
    while (true) {
      int best = -1;
      float bestScore = Float.NEGATIVE_INFINITY;
      for (int i = 0; i + 1 < symbols.size(); i++) {
        int id = v.tokens.indexOf(symbols.get(i) + symbols.get(i + 1));
        if (id >= 0 && v.scores.get(id) > bestScore) {
          bestScore = v.scores.get(id);
          best = i;
        }
      }
      if (best < 0) {
        return ids(v, symbols);
      }
      symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
    }
  }

  private static int[] ids(TestVocabularies v, List<String> symbols) {
    List<Integer> ids = new ArrayList<>();
    for (String symbol : symbols) {
      int id = v.tokens.indexOf(symbol);
      if (id >= 0) {
        ids.add(id);
        continue;
      }
      for (byte b : symbol.getBytes(StandardCharsets.UTF_8)) {
        ids.add(v.id(String.format("<0x%02X>", b & 0xff)));
      }
    }
    return ids.stream().mapToInt(i -> i).toArray();
  }
}
