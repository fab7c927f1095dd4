package org.slmruntime.train.tokenizer;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A piece of text as the symbols that it is made of so far, and how often it was seen. */
final class Word {
  private int[] symbols;
  private long count;

  Word(int[] symbols) {
    this.symbols = symbols;
  }

  void seen() {
    count++;
  }

  long count() {
    return count;
  }

  int length() {
    return symbols.length;
  }

  Pair pair(int at) {
    return new Pair(symbols[at], symbols[at + 1]);
  }

  Stream<Pair> pairs() {
    return IntStream.range(0, Math.max(0, symbols.length - 1)).mapToObj(this::pair);
  }

  boolean has(Pair pair) {
    for (int i = 0; i + 1 < symbols.length; i++) {
      if (pair.isAt(symbols, i)) {
        return true;
      }
    }
    return false;
  }

  /** Joins each occurrence of a pair, from left to right. */
  void merge(Pair pair, int made) {
    int length = 0;
    for (int i = 0; i < symbols.length; i++) {
      boolean joins = i + 1 < symbols.length && pair.isAt(symbols, i);
      symbols[length++] = joins ? made : symbols[i];
      i += joins ? 1 : 0;
    }
    symbols = Arrays.copyOf(symbols, length);
  }
}
