package org.slmruntime.train.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.format.Metadata;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.TokenizerException;
import org.slmruntime.tokenizer.Tokenizers;
import org.slmruntime.train.TrainException;

class BpeTrainerTest {
  private static final SpecialTexts PLAIN =
      new SpecialTexts("<s>", "</s>", Optional.empty(), List.of());
  private static final int LEAST = 258;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  private static BpeOptions merges(int count, String pre) {
    return new BpeOptions(LEAST + count, pre, PLAIN);
  }

  private static Tokenizer tokenizer(BpeVocabulary vocabulary) {
    return Tokenizers.fromGguf(new Metadata("trained", vocabulary.metadata())).orElseThrow();
  }

  /**
   * hug, pug, pun, bun and hugs occur 10, 5, 12, 4 and 5 times: u-g 20 times, u-n 16, then h-ug 15,
   * p-un 12, hug-s 5 and p-ug 5, of which hug-s has the larger left symbol.
   */
  @Test
  void mergesASmallTextAsWorkedOutByHand() {
    List<String> texts = new ArrayList<>();
    texts.addAll(Collections.nCopies(10, "hug"));
    texts.addAll(Collections.nCopies(5, "pug"));
    texts.addAll(Collections.nCopies(12, "pun"));
    texts.addAll(Collections.nCopies(4, "bun"));
    texts.addAll(Collections.nCopies(5, "hugs"));
    BpeVocabulary vocabulary = BpeTrainer.train(texts.stream(), merges(7, "gpt-2"));
    assertEquals(
        List.of("u g", "u n", "h ug", "p un", "p ug", "hug s", "b un"), vocabulary.merges());
    assertEquals(
        List.of("ug", "un", "hug", "pun", "pug", "hugs", "bun"),
        vocabulary.tokens().subList(LEAST, LEAST + 7));
  }

  @Test
  void mergesOverlappingPairsFromLeftToRight() {
    BpeVocabulary vocabulary = BpeTrainer.train(Stream.of("aaaaa", "aaaaa"), merges(9, "gpt-2"));
    assertEquals(List.of("a a", "aa a", "aa aaa"), vocabulary.merges());
  }

  @Test
  void breaksTiesByTheSmallerPair() {
    BpeVocabulary vocabulary = BpeTrainer.train(Stream.of("zy ab", "zy ab"), merges(3, "gpt-2"));
    assertEquals(List.of("Ġ a", "z y", "Ġa b"), vocabulary.merges());
  }

  @Test
  void stopsWhereNoPairOccursTwice() {
    BpeVocabulary vocabulary = BpeTrainer.train(Stream.of("abcd"), merges(100, "gpt-2"));
    assertEquals(LEAST, vocabulary.size());
    assertEquals(LEAST, BpeTrainer.train(Stream.of(), merges(100, "gpt-2")).size());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 60, 400})
  void agreesWithTheNaiveTrainerOnRandomTexts(int count) {
    for (int round = 0; round < 10; round++) {
      List<String> texts = randomTexts();
      BpeOptions options = merges(count, "gpt-2");
      NaiveBpe naive = new NaiveBpe(texts, options);
      BpeVocabulary vocabulary = BpeTrainer.train(texts.stream(), options);
      assertEquals(naive.merges, vocabulary.merges(), () -> "seed " + seed + ": " + texts);
      Tokenizer tokenizer = tokenizer(vocabulary);
      int[] ids =
          texts.stream()
              .flatMapToInt(text -> Arrays.stream(tokenizer.encode(text, false, false)))
              .toArray();
      assertArrayEquals(naive.ids(), ids, () -> "seed " + seed + ": " + texts);
    }
  }

  /** Words over few letters, which repeat and overlap. */
  private List<String> randomTexts() {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      StringBuilder text = new StringBuilder();
      for (int c = random.nextInt(60); c > 0; c--) {
        text.append("aaabbcé  1!".charAt(random.nextInt(11)));
      }
      texts.add(text.toString());
    }
    return texts;
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama-bpe", "gpt-2", "smollm"})
  void givesBackAnyTextThatIsEncoded(String pre) {
    BpeVocabulary vocabulary =
        BpeTrainer.train(
            Stream.generate(() -> randomUnicode(30)).limit(200),
            new BpeOptions(700, pre, SpecialTexts.chat()));
    Tokenizer tokenizer = tokenizer(vocabulary);
    for (int i = 0; i < 200; i++) {
      String text = randomUnicode(50);
      int[] ids = tokenizer.encode(text, true, false);
      assertEquals(text, tokenizer.decode(ids), "seed " + seed);
      assertEquals(tokenizer.bosId().orElseThrow(), ids[0]);
    }
  }

  private String randomUnicode(int points) {
    StringBuilder text = new StringBuilder();
    while (text.length() < points) {
      int range = random.nextInt(4) == 0 ? Character.MAX_CODE_POINT : 0x250;
      int c = 1 + random.nextInt(range);
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        text.appendCodePoint(c);
      }
    }
    return text.toString();
  }

  @Test
  void givesTheSameVocabularyInAnyOrderOfTexts() {
    List<String> texts = new ArrayList<>(randomTexts());
    BpeVocabulary first = BpeTrainer.train(texts.stream(), merges(50, "llama-bpe"));
    Collections.shuffle(texts, random);
    BpeVocabulary second = BpeTrainer.train(texts.stream(), merges(50, "llama-bpe"));
    assertEquals(first, second, "seed " + seed);
  }

  @Test
  void writesAGgufFileWhoseSpecialTokensAreKnown(@TempDir Path folder) {
    BpeVocabulary vocabulary =
        BpeTrainer.train(Stream.of("one two one two"), BpeOptions.ofSize(300));
    GgufWriter writer = new GgufWriter();
    vocabulary.metadata().forEach(writer::put);
    writer.write(folder.resolve("t.gguf"));
    try (GgufFile file = GgufFile.open(folder.resolve("t.gguf"))) {
      Tokenizer tokenizer = Tokenizers.fromGguf(file.metadata()).orElseThrow();
      assertEquals(vocabulary.size(), tokenizer.vocabularySize());
      assertEquals(0, tokenizer.bosId().orElseThrow());
      assertEquals(1, tokenizer.eosId().orElseThrow());
      assertTrue(tokenizer.addsBos());
      assertEquals(Set.of(1, 2), tokenizer.endOfGeneration());
      assertArrayEquals(
          new int[] {3, 4, 2},
          tokenizer.encode("<|start_header_id|><|end_header_id|><|eot_id|>", false, true));
      assertFalse(tokenizer.isControl(5));
    }
  }

  @Test
  void givesEachTokenOneTextAndOneMerge() {
    BpeVocabulary vocabulary =
        BpeTrainer.train(randomTexts().stream(), new BpeOptions(600, "gpt-2", PLAIN));
    assertEquals(vocabulary.size(), new HashSet<>(vocabulary.tokens()).size(), "seed " + seed);
    assertEquals(vocabulary.size() - LEAST, vocabulary.merges().size(), "seed " + seed);
  }

  @Test
  void learnsNoTokenThatReadsAsASpecialOne() {
    SpecialTexts special = new SpecialTexts("ab", "</s>", Optional.empty(), List.of());
    BpeVocabulary vocabulary =
        BpeTrainer.train(Stream.of("abab abab"), new BpeOptions(300, "gpt-2", special));
    assertEquals(List.of("b a", "a ba", "aba b"), vocabulary.merges().subList(0, 3));
  }

  @Test
  void passesOverWordsThatAreTooLong() {
    String tooLong = "ab".repeat(WordCounts.MAX_WORD_BYTES / 2) + "c";
    assertEquals(LEAST, BpeTrainer.train(Stream.of(tooLong), merges(5, "gpt-2")).size());
    String longest = "ab".repeat(WordCounts.MAX_WORD_BYTES / 2);
    assertEquals(LEAST + 5, BpeTrainer.train(Stream.of(longest), merges(5, "gpt-2")).size());
  }

  @Test
  void refusesTextsBeyondItsLimits() {
    String message =
        assertThrows(
                TrainException.class,
                () -> BpeTrainer.train(Stream.of("abc", "abc", "wxyz"), merges(5, "gpt-2"), 6))
            .getMessage();
    assertTrue(message.contains("more than 6 bytes of distinct words (1 so far)"), message);
  }

  @Test
  void refusesSizesAndNamesThatMakeNoSense() {
    assertTrue(refusal(() -> merges(-1, "gpt-2")).contains("258 to 1048576 tokens but not 257"));
    assertTrue(refusal(() -> merges(1 << 20, "gpt-2")).contains("but not 1048834"));
    assertTrue(refusal(() -> special("<s>", "<s>")).contains("occurs twice"));
    assertTrue(refusal(() -> special("", "<s>")).contains("has 0"));
    assertTrue(refusal(() -> special("é".repeat(33), "<s>")).contains("has 66"));
    assertTrue(refusal(() -> special("a\0", "<s>")).contains("NUL"));
    assertThrows(
        TokenizerException.class, () -> BpeTrainer.train(Stream.of(), merges(5, "martian")));
  }

  private static void special(String begin, String end) {
    new SpecialTexts(begin, end, Optional.empty(), List.of());
  }

  private static String refusal(Executable action) {
    return assertThrows(TrainException.class, action).getMessage();
  }
}
