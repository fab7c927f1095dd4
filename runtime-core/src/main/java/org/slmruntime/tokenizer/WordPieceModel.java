package org.slmruntime.tokenizer;

/**
 * WordPiece (Schuster and Nakajima, 2012; BERT): the longest token from the left, again and again;
 * a word that cannot be covered is one unknown.
 */
final class WordPieceModel implements TokenModel {
  private final int unknown;
  private final int longestWord;
  private final CharTrie initial;
  private final CharTrie continuing;

  /**
   * @param prefix marks tokens that continue a word, {@code ##}
   * @param longestWord in code points; longer ones are unknown
   */
  WordPieceModel(Vocabulary vocabulary, String prefix, int unknown, int longestWord) {
    this.unknown = unknown;
    this.longestWord = longestWord;
    this.initial = new CharTrie(4 * vocabulary.size());
    this.continuing = new CharTrie(4 * vocabulary.size());
    for (int id = vocabulary.size() - 1; id >= 0; id--) {
      String token = vocabulary.tokens().get(id);
      if (token != null && !token.isEmpty()) {
        initial.put(token, id);
        if (token.length() > prefix.length() && token.startsWith(prefix)) {
          continuing.put(token.substring(prefix.length()), id);
        }
      }
    }
  }

  @Override
  public void encode(String piece, IntList ids) {
    if (piece.codePointCount(0, piece.length()) > longestWord) {
      addUnknown(ids);
      return;
    }
    IntList word = new IntList();
    for (int start = 0; start < piece.length(); ) {
      CharTrie trie = start == 0 ? initial : continuing;
      int token = -1;
      int tokenEnd = start;
      int node = 0;
      for (int end = start; end < piece.length(); ) {
        node = trie.child(node, piece.charAt(end++));
        if (node < 0) {
          break;
        }
        if (trie.value(node) >= 0) {
          token = trie.value(node);
          tokenEnd = end;
        }
      }
      if (token < 0) {
        addUnknown(ids);
        return;
      }
      word.add(token);
      start = tokenEnd;
    }
    ids.addAll(word.toArray());
  }

  private void addUnknown(IntList ids) {
    if (unknown >= 0) {
      ids.add(unknown);
    }
  }
}
