package org.slmruntime.tokenizer;

/** Collects the merges of a BPE model in order of rank. */
final class BpeMerges {
  private final Vocabulary vocabulary;
  private final LongIntMap ranks;
  private final IntList merged = new IntList();
  private final int prefixLength;
  private final boolean lastCounts;

  /**
   * @param prefixLength of the word prefix that the right part of a merge loses
   * @param lastCounts whether a merge given twice has its last rank rather than its first
   */
  BpeMerges(Vocabulary vocabulary, int expected, int prefixLength, boolean lastCounts) {
    this.vocabulary = vocabulary;
    this.ranks = new LongIntMap(expected);
    this.prefixLength = prefixLength;
    this.lastCounts = lastCounts;
  }

  /** Adds the next merge. One that names unknown tokens can never apply and is passed over. */
  void add(String left, String right) {
    int leftId = vocabulary.id(left);
    int rightId = vocabulary.id(right);
    String tail = right.length() >= prefixLength ? right.substring(prefixLength) : right;
    int mergedId = vocabulary.id(left + tail);
    if (leftId >= 0 && rightId >= 0 && mergedId >= 0) {
      long pair = BpeModel.pair(leftId, rightId);
      if (lastCounts) {
        ranks.put(pair, merged.size());
      } else {
        ranks.putIfAbsent(pair, merged.size());
      }
      merged.add(mergedId);
    }
  }

  /** Adds a merge written as "left right", parted by the first space that is not at its start. */
  void add(String merge) {
    int space = merge.indexOf(' ', 1);
    if (space < 0) {
      String shown = merge.length() > 80 ? merge.substring(0, 80) + "..." : merge;
      throw new TokenizerException("merge \"" + shown + "\" has no space between its parts");
    }
    add(merge.substring(0, space), merge.substring(space + 1));
  }

  BpeModel model(BpeModel.Options options) {
    return new BpeModel(vocabulary, ranks, merged.toArray(), options);
  }
}
