package org.slmruntime.benchmarks.models;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slmruntime.format.gguf.GgufWriter;

/**
 * A byte-level vocabulary of any size: the bytes, words that no text reaches, and Llama 3's special
 * tokens, which programs for chat look up. Every byte of a text is one token, but for one pair.
 */
final class Vocabulary {
  private static final int BYTES = 256;
  private static final int SPECIAL = 256;
  private static final int NORMAL_TYPE = 1;
  private static final int CONTROL_TYPE = 3;
  private static final List<String> NAMED =
      List.of(
          "<|begin_of_text|>",
          "<|end_of_text|>",
          "<|reserved_special_token_0|>",
          "<|reserved_special_token_1|>",
          "<|finetune_right_pad_id|>",
          "<|reserved_special_token_2|>",
          "<|start_header_id|>",
          "<|end_header_id|>",
          "<|eom_id|>",
          "<|eot_id|>");

  private Vocabulary() {}

  /** Describes {@code size} tokens, at least 512. */
  static void put(GgufWriter gguf, int size) {
    int special = size - SPECIAL;
    List<String> tokens = new ArrayList<>(byteTokens());
    tokens.add("ab");
    for (int i = tokens.size(); i < special; i++) {
      tokens.add("\u0120w" + i);
    }
    tokens.addAll(NAMED);
    for (int i = tokens.size(); i < size; i++) {
      tokens.add("<|reserved_" + i + "|>");
    }
    int[] types = new int[size];
    Arrays.fill(types, 0, special, NORMAL_TYPE);
    Arrays.fill(types, special, size, CONTROL_TYPE);
    // An empty array would have no type.
    List<String> merges = List.of("a b");
    gguf.put("tokenizer.ggml.model", "gpt2")
        .put("tokenizer.ggml.pre", "llama-bpe")
        .put("tokenizer.ggml.tokens", tokens)
        .put("tokenizer.ggml.token_type", types)
        .put("tokenizer.ggml.merges", merges)
        .put("tokenizer.ggml.bos_token_id", special)
        .put("tokenizer.ggml.eos_token_id", special + NAMED.indexOf("<|eot_id|>"));
  }

  /** GPT-2's printable stand-ins: a byte that prints is itself, the others follow at U+0100. */
  private static List<String> byteTokens() {
    List<String> tokens = new ArrayList<>();
    int standIn = BYTES;
    for (int b = 0; b < BYTES; b++) {
      boolean prints = b > 32 && b < 127 || b > 160 && b != 173;
      tokens.add(Character.toString(prints ? b : standIn++));
    }
    return tokens;
  }
}
