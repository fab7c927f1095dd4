package org.slmruntime.train.tokenizer;

/** Two neighbouring symbols; the smaller pair has the smaller left symbol, then right symbol. */
record Pair(int left, int right) implements Comparable<Pair> {
  boolean isAt(int[] symbols, int at) {
    return symbols[at] == left && symbols[at + 1] == right;
  }

  @Override
  public int compareTo(Pair other) {
    return left != other.left
        ? Integer.compare(left, other.left)
        : Integer.compare(right, other.right);
  }
}
