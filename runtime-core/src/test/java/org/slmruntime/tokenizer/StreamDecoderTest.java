package org.slmruntime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StreamDecoderTest {
  private static final String REPLACEMENT = "\ufffd";

  @Test
  void neverSplitsACharacterOfByteLevelTokens() {
    checkRandomTexts(TestVocabularies.byteLevel("gpt-2").build());
  }

  @Test
  void neverSplitsACharacterOfByteTokens() {
    checkRandomTexts(TestVocabularies.sentencePiece().add("▁").add("a").build());
  }

  private static void checkRandomTexts(Tokenizer tokenizer) {
    for (int seed = 0; seed < 200; seed++) {
      String text = TestVocabularies.randomText(new SplittableRandom(seed), 60);
      int[] ids = tokenizer.encode(text, false, false);
      StreamDecoder decoder = new StreamDecoder(tokenizer, true);
      StringBuilder all = new StringBuilder();
      for (int id : ids) {
        String piece = decoder.accept(id);
        assertFalse(piece.contains(REPLACEMENT), "seed " + seed + ": " + piece);
        boolean split =
            !piece.isEmpty() && Character.isHighSurrogate(piece.charAt(piece.length() - 1));
        assertFalse(split, "seed " + seed);
        all.append(piece);
      }
      assertEquals("", decoder.finish(), "seed " + seed);
      assertEquals(text, all.toString(), "seed " + seed);
      assertEquals(text, tokenizer.decode(ids), "seed " + seed);
    }
  }

  @Test
  void showsAnUnfinishedCharacterAsAReplacementOnlyAtTheEnd() {
    Tokenizer tokenizer = TestVocabularies.byteLevel("gpt-2").build();
    StreamDecoder decoder = tokenizer.decoder();
    assertEquals("a", decoder.accept('a'));
    assertEquals("", decoder.accept(0xe4));
    assertEquals("", decoder.accept(0xb8));
    assertEquals(REPLACEMENT, decoder.finish());
  }

  @Test
  void replacesBytesThatCanNeverBecomeACharacterAndGoesOn() {
    Tokenizer tokenizer = TestVocabularies.byteLevel("gpt-2").build();
    StreamDecoder decoder = tokenizer.decoder();
    assertEquals(REPLACEMENT, decoder.accept(0xff));
    assertEquals("", decoder.accept(0xe4));
    assertEquals(REPLACEMENT + "a", decoder.accept('a'));
    assertEquals("b", decoder.accept('b'));
    assertEquals("", decoder.finish());
  }

  @Test
  void decodesRandomBytesAsTheJdkDoesHoweverTheyAreCut() {
    Tokenizer tokenizer = TestVocabularies.byteLevel("gpt-2").build();
    for (int seed = 0; seed < 500; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      int[] ids = new int[bytes.length];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = bytes[i] & 0xff;
      }
      String wanted = new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
      assertEquals(wanted, tokenizer.decode(ids), "seed " + seed);
    }
  }

  @Test
  void passesOverControlTokensAndUnknownIds() {
    Tokenizer tokenizer = TestVocabularies.byteLevel("gpt-2").build();
    StreamDecoder decoder = tokenizer.decoder();
    assertEquals("", decoder.accept(0xc3));
    assertEquals("", decoder.accept(256));
    assertEquals("", decoder.accept(-1));
    assertEquals("", decoder.accept(1_000_000));
    assertEquals("é", decoder.accept(0xa9));
  }
}
