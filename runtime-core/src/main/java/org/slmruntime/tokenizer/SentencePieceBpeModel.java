package org.slmruntime.tokenizer;

import java.nio.charset.StandardCharsets;

/**
 * SentencePiece's BPE as GGUF stores it (tokenizer model {@code llama}): neighbouring symbols are
 * joined where their concatenation is a token, the one with the highest score first, leftmost on
 * ties. A code point without token becomes its byte tokens.
 */
final class SentencePieceBpeModel implements TokenModel {
  private final Vocabulary vocabulary;
  private final float[] scores;
  private final int unknown;
  private final int longestToken;

  SentencePieceBpeModel(Vocabulary vocabulary, float[] scores, int unknown) {
    this.vocabulary = vocabulary;
    this.scores = scores;
    this.unknown = unknown;
    this.longestToken = vocabulary.tokens().stream().mapToInt(String::length).max().orElse(0);
  }

  @Override
  public void encode(String piece, IntList ids) {
    int n = piece.length();
    int[] end = new int[n];
    int[] previous = new int[n];
    MergeHeap heap = new MergeHeap(n);
    int before = -1;
    for (int i = 0; i < n; ) {
      int next = i + Character.charCount(piece.codePointAt(i));
      end[i] = next;
      previous[i] = before;
      before = i;
      i = next;
    }
    for (int i = 0; i < n; i = end[i]) {
      pushPair(heap, piece, end, i);
    }
    while (!heap.isEmpty()) {
      long item = heap.pop();
      int left = MergeHeap.position(item);
      if (end[left] < 0
          || end[left] >= n
          || priority(pairToken(piece, end, left)) != MergeHeap.priority(item)) {
        continue;
      }
      int right = end[left];
      end[left] = end[right];
      end[right] = -1;
      if (end[left] < n) {
        previous[end[left]] = left;
      }
      pushPair(heap, piece, end, left);
      if (previous[left] >= 0) {
        pushPair(heap, piece, end, previous[left]);
      }
    }
    for (int i = 0; i < n; i = end[i]) {
      emit(piece.substring(i, end[i]), ids);
    }
  }

  private void pushPair(MergeHeap heap, String piece, int[] end, int left) {
    int token = pairToken(piece, end, left);
    if (token >= 0) {
      heap.push(priority(token), left);
    }
  }

  /** The token that the symbol at {@code left} and its right neighbour would make, or -1. */
  private int pairToken(String piece, int[] end, int left) {
    int right = end[left];
    if (right >= piece.length() || end[right] - left > longestToken) {
      return -1;
    }
    return vocabulary.id(piece.substring(left, end[right]));
  }

  /** Higher scores first: the order of floats turned round, as an int. */
  private int priority(int token) {
    if (token < 0) {
      return Integer.MAX_VALUE;
    }
    int bits = Float.floatToIntBits(scores[token] + 0.0f);
    int ascending = bits ^ (bits >> 31 & 0x7fffffff);
    return ~ascending;
  }

  private void emit(String symbol, IntList ids) {
    int id = vocabulary.id(symbol);
    if (id >= 0) {
      ids.add(id);
      return;
    }
    for (byte b : symbol.getBytes(StandardCharsets.UTF_8)) {
      int token = vocabulary.byteTokens()[b & 0xff];
      if (token < 0) {
        token = vocabulary.id(Character.toString(b & 0xff));
      }
      if (token >= 0 || unknown >= 0) {
        ids.add(token >= 0 ? token : unknown);
      }
    }
  }
}
