package org.slmruntime.train.data;

import java.util.Arrays;
import org.slmruntime.tokenizer.Tokenizer;

/**
 * Tokens of a text with marks for those that are to be learned. Not thread-safe.
 *
 * @param counts a mark for each id
 * @param crosses whether a token that is learned begins in the prompt, so that a prompt by itself
 *     has other tokens
 */
record MarkedTokens(int[] ids, boolean[] counts, boolean crosses) {
  /** None is marked yet. */
  static MarkedTokens of(int[] ids) {
    return new MarkedTokens(ids, new boolean[ids.length], false);
  }

  void mark(int from, int to) {
    Arrays.fill(counts, from, to, true);
  }

  /** With the token that ends a text, marked, unless there is none or the text ends with it. */
  MarkedTokens ended(Tokenizer tokenizer) {
    int last = ids.length - 1;
    if (tokenizer.eosId().isEmpty() || ids[last] == tokenizer.eosId().getAsInt()) {
      return this;
    }
    MarkedTokens longer =
        new MarkedTokens(Arrays.copyOf(ids, last + 2), Arrays.copyOf(counts, last + 2), crosses);
    longer.ids[last + 1] = tokenizer.eosId().getAsInt();
    longer.counts[last + 1] = true;
    return longer;
  }

  MarkedTokens crossing() {
    return new MarkedTokens(ids, counts, true);
  }

  MarkedTokens cut(int most) {
    return ids.length <= most
        ? this
        : new MarkedTokens(Arrays.copyOf(ids, most), Arrays.copyOf(counts, most), crosses);
  }

  /** The first marked token that others come before, or -1. */
  int firstLearned() {
    for (int i = 1; i < counts.length; i++) {
      if (counts[i]) {
        return i;
      }
    }
    return -1;
  }
}
