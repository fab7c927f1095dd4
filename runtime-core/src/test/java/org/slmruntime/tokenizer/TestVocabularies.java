package org.slmruntime.tokenizer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.slmruntime.format.Metadata;

/** Small vocabularies for tests, as GGUF metadata would have them. */
final class TestVocabularies {
  static final int NORMAL = 1;
  static final int UNKNOWN = 2;
  static final int CONTROL = 3;
  static final int USER_DEFINED = 4;
  static final int BYTE = 6;

  final List<String> tokens = new ArrayList<>();
  final List<Integer> types = new ArrayList<>();
  final List<Float> scores = new ArrayList<>();
  final Map<String, Object> metadata = new HashMap<>();

  /** Unknown, BOS, EOS and the 256 byte tokens of SentencePiece. */
  static TestVocabularies sentencePiece() {
    TestVocabularies v = new TestVocabularies();
    v.metadata.put("tokenizer.ggml.model", "llama");
    v.add("<unk>", UNKNOWN, 0).add("<s>", CONTROL, 0).add("</s>", CONTROL, 0);
    for (int b = 0; b < 256; b++) {
      v.add(String.format("<0x%02X>", b), BYTE, 0);
    }
    return v;
  }

  /** The 256 stand-ins for bytes, ids 0..255 in order of byte, then an end token. */
  static TestVocabularies byteLevel(String pre) {
    TestVocabularies v = new TestVocabularies();
    v.metadata.put("tokenizer.ggml.model", "gpt2");
    v.metadata.put("tokenizer.ggml.pre", pre);
    v.metadata.put("tokenizer.ggml.merges", List.of());
    v.metadata.put("tokenizer.ggml.eos_token_id", 256L);
    v.metadata.put("tokenizer.ggml.bos_token_id", 256L);
    for (int b = 0; b < 256; b++) {
      v.add(standIn(b), NORMAL, 0);
    }
    return v.add("<|endoftext|>", CONTROL, 0);
  }

  /** GPT-2's table, written down once more: printable bytes stand for themselves. */
  static String standIn(int b) {
    int shifted = 256;
    for (int i = 0; i < 256; i++) {
      boolean printable = i > 32 && i < 127 || i > 160 && i != 173;
      if (i == b) {
        return Character.toString(printable ? i : shifted);
      }
      shifted += printable ? 0 : 1;
    }
    throw new IllegalArgumentException("byte " + b);
  }

  TestVocabularies add(String token, int type, double score) {
    tokens.add(token);
    types.add(type);
    scores.add((float) score);
    return this;
  }

  TestVocabularies add(String token) {
    return add(token, NORMAL, 0);
  }

  TestVocabularies put(String key, Object value) {
    metadata.put("tokenizer.ggml." + key, value);
    return this;
  }

  Metadata metadata() {
    Map<String, Object> all = new HashMap<>(metadata);
    all.put("tokenizer.ggml.tokens", List.copyOf(tokens));
    all.put("tokenizer.ggml.token_type", types.stream().mapToInt(i -> i).toArray());
    float[] values = new float[scores.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = scores.get(i);
    }
    all.put("tokenizer.ggml.scores", values);
    return new Metadata("test.gguf", all);
  }

  Tokenizer build() {
    return Tokenizers.fromGguf(metadata()).orElseThrow();
  }

  int id(String token) {
    int id = tokens.indexOf(token);
    if (id < 0) {
      throw new IllegalArgumentException("no token " + token);
    }
    return id;
  }

  int[] ids(String... wanted) {
    int[] ids = new int[wanted.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = id(wanted[i]);
    }
    return ids;
  }

  /** Random text of ASCII, accents, other scripts, emoji and combining marks. */
  static String randomText(SplittableRandom random, int points) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < points; i++) {
      text.appendCodePoint(
          switch (random.nextInt(7)) {
            case 0 -> ' ';
            case 1 -> 'a' + random.nextInt(26);
            case 2 -> 0xc0 + random.nextInt(0x100);
            case 3 -> 0x4e00 + random.nextInt(0x1000);
            case 4 -> 0x1f600 + random.nextInt(0x40);
            case 5 -> 0x300 + random.nextInt(0x40);
            default -> 1 + random.nextInt(0x7e);
          });
    }
    return text.toString();
  }

  /** Random text over a few letters, so that tokens are often met. */
  static String randomWord(SplittableRandom random, String letters, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    return text.toString();
  }
}
