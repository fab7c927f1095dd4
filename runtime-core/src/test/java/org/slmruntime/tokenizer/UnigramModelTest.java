package org.slmruntime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class UnigramModelTest {
  @Test
  void findsTheBestOfAllSegmentationsOnRandomVocabularies() {
    for (int seed = 0; seed < 500; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<String> tokens = new ArrayList<>(List.of("<unk>", "a", "b"));
      for (int i = 0; i < 12; i++) {
        String token = TestVocabularies.randomWord(random, "abc", 1 + random.nextInt(4));
        if (!tokens.contains(token)) {
          tokens.add(token);
        }
      }
      double[] scores = random.doubles(tokens.size(), -8, 0).toArray();
      String text = TestVocabularies.randomWord(random, "abc", 1 + random.nextInt(12));
      IntList ids = new IntList();
      new UnigramModel(Vocabulary.of(tokens), scores, 0, false).encode(text, ids);
      String context = "seed " + seed + ": " + text;
      double wanted = best(tokens, scores, text);
      assertEquals(wanted, score(tokens, scores, ids.toArray(), text), 1e-9, context);
    }
  }

  /** Every way to cut the text, by recursion; a code point without token costs the penalty. */
  private static double best(List<String> tokens, double[] scores, String text) {
    if (text.isEmpty()) {
      return 0;
    }
    double best = Double.NEGATIVE_INFINITY;
    for (int end = 1; end <= text.length(); end++) {
      int id = tokens.indexOf(text.substring(0, end));
      if (id >= 0) {
        best = Math.max(best, scores[id] + best(tokens, scores, text.substring(end)));
      }
    }
    boolean known = tokens.contains(text.substring(0, 1));
    return known ? best : Math.max(best, unknown(scores) + best(tokens, scores, text.substring(1)));
  }

  private static double unknown(double[] scores) {
    double worst = 0;
    for (double score : scores) {
      worst = Math.min(worst, score);
    }
    return worst - 10;
  }

  /** What a segmentation is worth; the text says how many characters an unknown stands for. */
  private static double score(List<String> tokens, double[] scores, int[] ids, String text) {
    double total = 0;
    int at = 0;
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] != 0) {
        String token = tokens.get(ids[i]);
        assertEquals(token, text.substring(at, at + token.length()));
        at += token.length();
        total += scores[ids[i]];
        continue;
      }
      do {
        at++;
        total += unknown(scores);
      } while (at < text.length()
          && !tokens.contains(text.substring(at, at + 1))
          && !starts(tokens, ids, i, text, at));
    }
    assertEquals(text.length(), at);
    return total;
  }

  private static boolean starts(List<String> tokens, int[] ids, int i, String text, int at) {
    return i + 1 < ids.length && text.startsWith(tokens.get(ids[i + 1]), at);
  }

  @Test
  void makesNeighbouringUnknownsOne() {
    UnigramModel model =
        new UnigramModel(Vocabulary.of(List.of("<unk>", "a")), new double[] {0, -1}, 0, false);
    IntList ids = new IntList();
    model.encode("xyaz", ids);
    assertArrayEquals(new int[] {0, 1, 0}, ids.toArray());
  }

  @Test
  void spellsUnknownsInBytesWhereAllAreThere() {
    List<String> tokens = new ArrayList<>(List.of("<unk>", "a"));
    for (int b = 0; b < 256; b++) {
      tokens.add(String.format("<0x%02X>", b));
    }
    UnigramModel model =
        new UnigramModel(Vocabulary.of(tokens), new double[tokens.size()], 0, true);
    IntList ids = new IntList();
    model.encode("aé", ids);
    assertArrayEquals(new int[] {1, 2 + 0xc3, 2 + 0xa9}, ids.toArray());
  }

  @Test
  void readsTheVocabularyOfAGgufFile() {
    TestVocabularies v = new TestVocabularies().put("model", "t5").put("unknown_token_id", 2L);
    v.add("<pad>", TestVocabularies.CONTROL, 0).add("</s>", TestVocabularies.CONTROL, 0);
    v.add("<unk>", TestVocabularies.UNKNOWN, 0).add("▁a", 1, -1).add("▁", 1, -3).add("b", 1, -2);
    // llama.cpp adds the end of a text for this model unless the file says otherwise.
    Tokenizer tokenizer = v.build();
    int[] ids = tokenizer.encode("a ab", true, true);
    assertArrayEquals(v.ids("▁a", "▁a", "b", "</s>"), ids);
    assertEquals("a ab", tokenizer.decode(ids));
  }

  /** Expected as llama.cpp has it. */
  @Test
  void takesOnlySpacesForExtraOnes() {
    TestVocabularies v = new TestVocabularies().put("model", "t5").put("unknown_token_id", 2L);
    v.add("<pad>", TestVocabularies.CONTROL, 0).add("</s>", TestVocabularies.CONTROL, 0);
    v.add("<unk>", TestVocabularies.UNKNOWN, 0).add("▁", 1, -3).add("a", 1, -2);
    Tokenizer tokenizer = v.put("remove_extra_whitespaces", true).build();
    assertArrayEquals(v.ids("▁", "<unk>"), tokenizer.encode("\n", false, false));
    assertArrayEquals(v.ids("▁", "a", "▁", "a"), tokenizer.encode("  a   a ", false, false));
  }
}
