package org.slmruntime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WordPieceTokenizerTest {
  private static TestVocabularies bert() {
    TestVocabularies v = new TestVocabularies().put("model", "bert");
    v.put("cls_token_id", 1L).put("seperator_token_id", 2L).put("unknown_token_id", 0L);
    v.add("[UNK]", TestVocabularies.UNKNOWN, 0).add("[CLS]", TestVocabularies.CONTROL, 0);
    v.add("[SEP]", TestVocabularies.CONTROL, 0).add("▁un").add("▁want").add("want").add("ed");
    return v.add("▁,").add("▁run").add("ning").add("▁中");
  }

  @Test
  void takesTheLongestTokenFromTheLeft() {
    TestVocabularies v = bert();
    int[] ids = v.build().encode("UNwantéd, running", false, false);
    assertArrayEquals(v.ids("▁un", "want", "ed", "▁,", "▁run", "ning"), ids);
  }

  @Test
  void setsTheTextBetweenClsAndSep() {
    TestVocabularies v = bert();
    int[] ids = v.build().encode("want", true, false);
    assertArrayEquals(v.ids("[CLS]", "▁want", "[SEP]"), ids);
    assertEquals("want", v.build().decode(ids));
  }

  @Test
  void makesAWordThatCannotBeCoveredOneUnknown() {
    TestVocabularies v = bert();
    assertArrayEquals(v.ids("▁want", "[UNK]", "▁,"), v.build().encode("want wantx,", false, false));
    assertArrayEquals(v.ids("[UNK]"), v.build().encode("want".repeat(30), false, false));
  }

  @Test
  void setsChineseCharactersApart() {
    TestVocabularies v = bert();
    assertArrayEquals(v.ids("▁中", "▁中", "▁run"), v.build().encode("中中run", false, false));
  }

  @Test
  void decodesWordsWithSpacesBetween() {
    TestVocabularies v = bert();
    assertEquals(
        "unwanted, running", v.build().decode(v.ids("▁un", "want", "ed", "▁,", "▁run", "ning")));
  }

  @Test
  void coversWordsGreedilyOnRandomVocabularies() {
    for (int seed = 0; seed < 300; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<String> tokens = new ArrayList<>(List.of("[UNK]"));
      for (int i = 0; i < 15; i++) {
        String prefix = random.nextBoolean() ? "##" : "";
        String text = TestVocabularies.randomWord(random, "ab", 1 + random.nextInt(4));
        if (!tokens.contains(prefix + text)) {
          tokens.add(prefix + text);
        }
      }
      String word = TestVocabularies.randomWord(random, "ab", 1 + random.nextInt(15));
      IntList ids = new IntList();
      new WordPieceModel(Vocabulary.of(tokens), "##", 0, 100).encode(word, ids);
      assertArrayEquals(greedy(tokens, word), ids.toArray(), "seed " + seed + ": " + word);
    }
  }

  private static int[] greedy(List<String> tokens, String word) {
    List<Integer> ids = new ArrayList<>();
    for (int start = 0; start < word.length(); ) {
      int end = word.length();
      String prefix = start == 0 ? "" : "##";
      while (end > start && !tokens.contains(prefix + word.substring(start, end))) {
        end--;
      }
      if (end == start) {
        return new int[] {0};
      }
      ids.add(tokens.indexOf(prefix + word.substring(start, end)));
      start = end;
    }
    return ids.stream().mapToInt(i -> i).toArray();
  }
}
