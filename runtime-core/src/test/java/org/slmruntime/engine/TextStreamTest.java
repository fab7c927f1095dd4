package org.slmruntime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.slmruntime.testing.TinyLlama;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;

class TextStreamTest {
  private final Tokenizer tokenizer =
      Tokenizers.fromGguf(new TinyLlama(1).metadata()).orElseThrow();

  @Test
  void endsBeforeTheFirstStopStringOfRandomTexts() {
    for (int seed = 0; seed < 3000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<String> stops = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        stops.add(word(random, 1 + random.nextInt(5)));
      }
      String text = word(random, random.nextInt(30));
      TextStream stream = new TextStream(tokenizer.decoder(), stops);
      StringBuilder shown = new StringBuilder();
      for (int i = 0; i < text.length() && !stream.stopped(); i++) {
        shown.append(stream.accept(tokenizer.idOf(text.substring(i, i + 1)).orElseThrow()));
      }
      shown.append(stream.finish());
      String context = "seed " + seed + ": " + text + " with stops " + stops;
      assertEquals(cut(text, stops), shown.toString(), context);
    }
  }

  private static String word(SplittableRandom random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) ('a' + random.nextInt(2)));
    }
    return text.toString();
  }

  /** The text up to where, reading letter by letter, a stop string is complete first. */
  private static String cut(String text, List<String> stops) {
    for (int end = 1; end <= text.length(); end++) {
      int first = Integer.MAX_VALUE;
      for (String stop : stops) {
        int at = text.substring(0, end).indexOf(stop);
        first = at >= 0 ? Math.min(first, at) : first;
      }
      if (first < Integer.MAX_VALUE) {
        return text.substring(0, first);
      }
    }
    return text;
  }

  @Test
  void holdsBackOnlyWhatMayBecomeAStopString() {
    TextStream stream = new TextStream(tokenizer.decoder(), List.of("abc"));
    assertEquals("x", stream.accept(tokenizer.idOf("x").orElseThrow()));
    assertEquals("", stream.accept(tokenizer.idOf("a").orElseThrow()));
    assertEquals("", stream.accept(tokenizer.idOf("b").orElseThrow()));
    assertEquals("abd", stream.accept(tokenizer.idOf("d").orElseThrow()));
    assertEquals("", stream.finish());
  }

  @Test
  void showsHalfACharacterOnlyAtTheEnd() {
    TextStream stream = new TextStream(tokenizer.decoder(), List.of());
    assertEquals("", stream.accept(tokenizer.idOf("<0xC3>").orElseThrow()));
    assertEquals("é", stream.accept(tokenizer.idOf("<0xA9>").orElseThrow()));
    assertEquals("", stream.accept(tokenizer.idOf("<0xC3>").orElseThrow()));
    assertEquals("\ufffd", stream.finish());
  }
}
