package org.slmruntime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.SlmException;
import org.slmruntime.format.Metadata;
import org.slmruntime.json.Json;

/** Files and texts made to break or stall a tokenizer. */
class HostileTokenizerTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int MEBI = 1 << 20;

  static List<String> longTexts(int length) {
    return List.of(
        "a".repeat(length),
        " ".repeat(length),
        " ".repeat(length) + "5",
        "\n".repeat(length),
        "😀".repeat(length / 2),
        "e\u0301".repeat(length / 2),
        "\u0301".repeat(length),
        "'".repeat(length),
        "1".repeat(length),
        "中".repeat(length),
        "\ud83d".repeat(length),
        "a1 ".repeat(length / 3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt-2",
        "llama-bpe",
        "qwen2",
        "gpt-4o",
        "tekken",
        "deepseek-v3",
        "deepseek-coder",
        "deepseek-llm",
        "bloom",
        "viking",
        "falcon",
        "default",
        "smollm"
      })
  void splitsAndMergesALongTextInBoundedTime(String pre) {
    TestVocabularies v = TestVocabularies.byteLevel(pre).add("aa").add("ĠĠ").add("aaaa");
    Tokenizer tokenizer = v.put("merges", List.of("a a", "Ġ Ġ", "aa aa")).build();
    for (String text : longTexts(pre.equals("llama-bpe") ? MEBI : MEBI / 4)) {
      assertTimeoutPreemptively(
          LIMIT,
          () -> tokenizer.encode(text, true, true),
          () -> text.substring(0, 2) + " x " + text.length());
    }
  }

  @Test
  void encodesALongTextBySentencePieceUnigramAndWordPieceInBoundedTime() {
    TestVocabularies spm = TestVocabularies.sentencePiece().add("a").add("▁").add("aa").add("▁▁");
    TestVocabularies t5 = new TestVocabularies().put("model", "t5").put("unknown_token_id", 0L);
    t5.add("<unk>", TestVocabularies.UNKNOWN, 0).add("▁", 1, -1).add("a", 1, -2).add("aa", 1, -3);
    TestVocabularies bert = new TestVocabularies().put("model", "bert");
    bert.put("unknown_token_id", 0L).add("[UNK]", TestVocabularies.UNKNOWN, 0).add("▁a").add("a");
    for (TestVocabularies v : List.of(spm, t5, bert)) {
      Tokenizer tokenizer = v.build();
      for (String text : longTexts(MEBI / 4)) {
        assertTimeoutPreemptively(LIMIT, () -> tokenizer.encode(text, true, true));
      }
    }
  }

  static List<TestVocabularies> vocabularies() {
    TestVocabularies t5 = new TestVocabularies().put("model", "t5").put("unknown_token_id", 0L);
    t5.add("<unk>", TestVocabularies.UNKNOWN, 0).add("▁a", 1, -1).add("b", 1, -2);
    t5.put("precompiled_charsmap", new int[] {8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 65, 0});
    TestVocabularies bert = new TestVocabularies().put("model", "bert");
    bert.put("unknown_token_id", 0L).add("[UNK]", TestVocabularies.UNKNOWN, 0).add("▁a").add("b");
    TestVocabularies bpe = TestVocabularies.byteLevel("llama-bpe").add("aa");
    return List.of(
        TestVocabularies.sentencePiece().add("▁").add("a").put("add_space_prefix", true),
        bpe.put("merges", List.of("a a")).put("add_eos_token", true),
        t5,
        bert);
  }

  @ParameterizedTest
  @MethodSource("vocabularies")
  void givesOnlyTypedErrorsForMutatedGgufMetadata(TestVocabularies v) {
    Map<String, Object> good = v.metadata().values();
    int built = 0;
    int refused = 0;
    for (int seed = 0; seed < 3000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Map<String, Object> mutant = new HashMap<>(good);
      for (int i = random.nextInt(3); i >= 0; i--) {
        mutate(mutant, random);
      }
      try {
        use(Tokenizers.fromGguf(new Metadata("mutant", mutant)).orElse(null));
        built++;
      } catch (SlmException e) {
        assertEquals(1, e.getMessage().lines().count(), () -> e.getMessage());
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ": " + mutant, e);
      }
    }
    assertTrue(built > 100 && refused > 100, built + " built, " + refused + " refused");
  }

  private static void mutate(Map<String, Object> mutant, SplittableRandom random) {
    List<String> keys = mutant.keySet().stream().sorted().toList();
    String key = keys.get(random.nextInt(keys.size()));
    switch (random.nextInt(4)) {
      case 0 -> mutant.remove(key);
      case 1 -> mutant.put(key, value(random));
      case 2 -> mutant.computeIfPresent(key, (_, old) -> damaged(old, random));
      default -> {
        String[] more = {
          "bos_token_id",
          "eos_token_id",
          "unknown_token_id",
          "eot_token_id",
          "add_bos_token",
          "remove_extra_whitespaces",
          "pre"
        };
        String added = more[random.nextInt(more.length)];
        mutant.put("tokenizer.ggml." + added, value(random));
      }
    }
  }

  private static Object value(SplittableRandom random) {
    return switch (random.nextInt(10)) {
      case 0 -> random.nextLong();
      case 1 -> (long) random.nextInt(300);
      case 2 -> Double.NaN;
      case 3 -> "";
      case 4 -> "llama";
      case 5 -> random.nextBoolean();
      case 6 -> new int[] {-1, Integer.MAX_VALUE};
      case 7 -> new float[] {Float.NaN, Float.NEGATIVE_INFINITY};
      case 8 -> List.of();
      default -> List.of("", " ", "a a", "▁", "\ud800", "<0xFF>");
    };
  }

  private static Object damaged(Object old, SplittableRandom random) {
    return switch (old) {
      case List<?> list -> {
        List<Object> copy = new ArrayList<>(list);
        for (int i = 0; i < 5 && !copy.isEmpty(); i++) {
          int at = random.nextInt(copy.size());
          switch (random.nextInt(3)) {
            case 0 -> copy.remove(at);
            case 1 -> copy.set(at, copy.get(random.nextInt(copy.size())));
            default -> copy.set(at, TestVocabularies.randomText(random, random.nextInt(4)));
          }
        }
        yield List.copyOf(copy);
      }
      case int[] ints -> {
        int[] copy = java.util.Arrays.copyOf(ints, Math.max(0, ints.length - random.nextInt(2)));
        for (int i = 0; i < 3 && copy.length > 0; i++) {
          copy[random.nextInt(copy.length)] = random.nextInt();
        }
        yield copy;
      }
      case float[] floats -> {
        float[] copy = floats.clone();
        float[] odd = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f, 1e38f};
        for (int i = 0; i < 3 && copy.length > 0; i++) {
          copy[random.nextInt(copy.length)] = odd[random.nextInt(odd.length)];
        }
        yield copy;
      }
      default -> value(random);
    };
  }

  private static void use(Tokenizer tokenizer) {
    if (tokenizer == null) {
      return;
    }
    for (String text : List.of("", "a", "aa b</s>é😀 <|endoftext|>", "\ud800\u0000")) {
      int[] ids = tokenizer.encode(text, true, true);
      tokenizer.decode(ids);
      tokenizer.encode(text, false, false);
    }
    tokenizer.decode(new int[] {0, -1, Integer.MAX_VALUE, 1, 2});
  }

  static List<String> files() {
    return List.of(HuggingFaceFiles.BPE, HuggingFaceFiles.UNIGRAM, HuggingFaceFiles.WORD_PIECE);
  }

  @ParameterizedTest
  @MethodSource("files")
  void givesOnlyTypedErrorsForMutatedTokenizerJson(String good, @TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("tokenizer.json");
    int built = 0;
    int refused = 0;
    for (int seed = 0; seed < 2000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      String mutant = random.nextInt(4) == 0 ? bytes(good, random) : values(good, random);
      Files.writeString(file, mutant);
      try {
        use(Tokenizers.fromHuggingFace(file));
        built++;
      } catch (SlmException e) {
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ": " + mutant, e);
      }
    }
    assertTrue(built > 100 && refused > 100, built + " built, " + refused + " refused");
  }

  private static String bytes(String good, SplittableRandom random) {
    StringBuilder text = new StringBuilder(good);
    for (int i = random.nextInt(3); i >= 0; i--) {
      text.setCharAt(random.nextInt(text.length()), (char) (' ' + random.nextInt(95)));
    }
    return text.toString();
  }

  /** Puts odd values in place of good ones. */
  private static String values(String good, SplittableRandom random) {
    return Json.write(mutated(Json.parse(good), random, 0.03));
  }

  private static Object mutated(Object value, SplittableRandom random, double rate) {
    if (random.nextDouble() < rate) {
      return odd(random);
    }
    return switch (value) {
      case Map<?, ?> map -> {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach(
            (key, v) -> {
              if (random.nextDouble() >= rate / 2) {
                copy.put((String) key, mutated(v, random, rate));
              }
            });
        yield copy;
      }
      case List<?> list -> {
        List<Object> copy = new ArrayList<>();
        list.forEach(v -> copy.add(mutated(v, random, rate)));
        yield copy;
      }
      case null, default -> value;
    };
  }

  private static Object odd(SplittableRandom random) {
    return switch (random.nextInt(10)) {
      case 0 -> null;
      case 1 -> -1L;
      case 2 -> 1L << 40;
      case 3 -> 1.5;
      case 4 -> "";
      case 5 -> "(((";
      case 6 -> List.of();
      case 7 -> Map.of();
      case 8 -> List.of("a", 1L);
      default -> random.nextBoolean();
    };
  }

  @Test
  void refusesReplacementsThatGrowWithoutBound(@TempDir Path folder) throws IOException {
    String step =
        "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\""
            + "a".repeat(1000)
            + "\"}";
    String steps = String.join(",", java.util.Collections.nCopies(6, step));
    String json =
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[]},\"normalizer\":"
            + "{\"type\":\"Sequence\",\"normalizers\":["
            + steps
            + "]}}";
    Path file = Files.writeString(folder.resolve("tokenizer.json"), json);
    Tokenizer tokenizer = Tokenizers.fromHuggingFace(file);
    String message =
        assertThrows(TokenizerException.class, () -> tokenizer.encode("aaa", false, false))
            .getMessage();
    assertTrue(message.contains("a text of 3000 characters makes more than 100096"), message);
  }

  @Test
  void namesAFileThatIsNotThere(@TempDir Path folder) {
    Path file = folder.resolve("none.json");
    String message =
        assertThrows(TokenizerException.class, () -> Tokenizers.fromHuggingFace(file)).getMessage();
    assertEquals(file + ": no such file", message);
  }

  @Test
  void readsSpacesThatTokensTakeOnce() {
    AddedTokens tokens =
        new AddedTokens(
            List.of(
                new AddedToken(0, "  ", false, false, true, true, false),
                new AddedToken(1, "\n\n", false, false, true, true, false)));
    String text = " ".repeat(MEBI) + "\n".repeat(MEBI) + "x";
    int[] seen = new int[2];
    AddedTokens.Sink sink =
        new AddedTokens.Sink() {
          @Override
          public void text(String part, boolean afterToken) {
            seen[0] += part.length();
          }

          @Override
          public void token(int id) {
            seen[1]++;
          }
        };
    assertTimeoutPreemptively(LIMIT, () -> tokens.split(text, true, false, sink));
    assertEquals(List.of(1, 1), List.of(seen[0], seen[1]));
  }
}
