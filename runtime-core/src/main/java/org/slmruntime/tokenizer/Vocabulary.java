package org.slmruntime.tokenizer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Token texts by id and ids by text. A text that occurs twice keeps its first id.
 *
 * @param tokens by id; an id without a token has null
 */
record Vocabulary(List<String> tokens, Map<String, Integer> ids, int[] byteTokens) {
  static final int MAX_TOKENS = 1 << 24;

  static Vocabulary of(List<String> tokens) {
    if (tokens.size() > MAX_TOKENS) {
      throw new TokenizerException(tokens.size() + " tokens; at most " + MAX_TOKENS + " are read");
    }
    Map<String, Integer> ids = HashMap.newHashMap(tokens.size());
    for (int id = 0; id < tokens.size(); id++) {
      if (tokens.get(id) != null) {
        ids.putIfAbsent(tokens.get(id), id);
      }
    }
    int[] byteTokens = new int[256];
    for (int b = 0; b < 256; b++) {
      byteTokens[b] = ids.getOrDefault(String.format("<0x%02X>", b), -1);
    }
    return new Vocabulary(tokens, ids, byteTokens);
  }

  int size() {
    return tokens.size();
  }

  /** The id of a text, or -1. */
  int id(String text) {
    return ids.getOrDefault(text, -1);
  }

  /** The value of a byte token {@code <0xXX>}, or -1. */
  static int byteOf(String token) {
    if (token.length() != 6 || !token.startsWith("<0x") || token.charAt(5) != '>') {
      return -1;
    }
    int high = Character.digit(token.charAt(3), 16);
    int low = Character.digit(token.charAt(4), 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }
}
