package org.slmruntime.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The unigram model (Kudo, 2018): the segmentation of greatest total log-probability, found by
 * Viterbi's algorithm. Code points without token score a little below the worst token; neighbouring
 * ones are one unknown, or their byte tokens.
 */
final class UnigramModel implements TokenModel {
  private static final double UNKNOWN_PENALTY = 10;

  private final Vocabulary vocabulary;
  private final double[] scores;
  private final int unknown;
  private final boolean byteFallback;
  private final double unknownScore;
  private final CharTrie trie;

  UnigramModel(Vocabulary vocabulary, double[] scores, int unknown, boolean byteFallback) {
    this.vocabulary = vocabulary;
    this.scores = scores;
    this.unknown = unknown;
    this.byteFallback = byteFallback;
    for (int id = 0; id < scores.length; id++) {
      if (!Double.isFinite(scores[id])) {
        throw new TokenizerException("the score of token " + id + " is " + scores[id]);
      }
    }
    this.unknownScore = Arrays.stream(scores).min().orElse(0) - UNKNOWN_PENALTY;
    this.trie = new CharTrie(4 * vocabulary.size());
    for (int id = vocabulary.size() - 1; id >= 0; id--) {
      String token = vocabulary.tokens().get(id);
      if (token != null && !token.isEmpty()) {
        trie.put(token, id);
      }
    }
  }

  @Override
  public void encode(String piece, IntList ids) {
    int n = piece.length();
    double[] best = new double[n + 1];
    int[] from = new int[n + 1];
    int[] token = new int[n + 1];
    Arrays.fill(best, Double.NEGATIVE_INFINITY);
    best[0] = 0;
    for (int start = 0; start < n; start += Character.charCount(piece.codePointAt(start))) {
      int single = start + Character.charCount(piece.codePointAt(start));
      boolean hasSingle = false;
      int node = 0;
      for (int end = start; end < n; ) {
        node = trie.child(node, piece.charAt(end++));
        if (node < 0) {
          break;
        }
        int id = trie.value(node);
        if (id >= 0) {
          hasSingle |= end == single;
          relax(best, from, token, start, end, best[start] + scores[id], id);
        }
      }
      if (!hasSingle) {
        relax(best, from, token, start, single, best[start] + unknownScore, -1);
      }
    }
    emit(piece, from, token, ids);
  }

  private static void relax(
      double[] best, int[] from, int[] token, int start, int end, double score, int id) {
    if (score > best[end]) {
      best[end] = score;
      from[end] = start;
      token[end] = id;
    }
  }

  private void emit(String piece, int[] from, int[] token, IntList ids) {
    int pieces = 0;
    for (int end = piece.length(); end > 0; end = from[end]) {
      pieces++;
    }
    int[] ends = new int[pieces];
    for (int end = piece.length(); end > 0; end = from[end]) {
      ends[--pieces] = end;
    }
    for (int i = 0; i < ends.length; ) {
      if (isKnown(token[ends[i]])) {
        ids.add(token[ends[i++]]);
        continue;
      }
      int start = from[ends[i]];
      while (i < ends.length && !isKnown(token[ends[i]])) {
        i++;
      }
      emitUnknown(piece.substring(start, ends[i - 1]), ids);
    }
  }

  /** The unknown token's own text in the input is as unknown as its neighbours. */
  private boolean isKnown(int token) {
    return token >= 0 && token != unknown;
  }

  private void emitUnknown(String text, IntList ids) {
    int whole = vocabulary.id(text);
    if (whole >= 0) {
      ids.add(whole);
      return;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    boolean covered = byteFallback;
    for (byte b : bytes) {
      covered &= vocabulary.byteTokens()[b & 0xff] >= 0;
    }
    if (covered) {
      for (byte b : bytes) {
        ids.add(vocabulary.byteTokens()[b & 0xff]);
      }
    } else if (unknown >= 0) {
      ids.add(unknown);
    }
  }
}
