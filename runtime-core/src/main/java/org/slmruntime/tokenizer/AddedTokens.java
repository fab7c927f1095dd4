package org.slmruntime.tokenizer;

import java.util.List;
import org.slmruntime.tokenizer.regex.CharSets;

/** Finds added tokens in text: leftmost, and of those the longest. */
final class AddedTokens {
  /** Receives the text between tokens, and tokens. */
  interface Sink {
    void text(String text, boolean afterToken);

    void token(int id);
  }

  private final List<AddedToken> tokens;
  private final CharTrie all = new CharTrie(256);
  private final CharTrie plain = new CharTrie(256);

  AddedTokens(List<AddedToken> tokens) {
    this.tokens = List.copyOf(tokens);
    for (int i = 0; i < tokens.size(); i++) {
      AddedToken token = tokens.get(i);
      if (!token.content().isEmpty()) {
        all.put(token.content(), i);
        if (!token.special()) {
          plain.put(token.content(), i);
        }
      }
    }
  }

  /**
   * @param withSpecial whether special tokens are recognized
   */
  void split(String text, boolean withSpecial, boolean afterToken, Sink sink) {
    CharTrie trie = withSpecial ? all : plain;
    int from = 0;
    boolean after = afterToken;
    for (int i = 0; i < text.length(); ) {
      AddedToken token = tokens.isEmpty() ? null : longest(trie, text, i);
      if (token == null) {
        i++;
        continue;
      }
      int start = token.leftStrip() ? spacesBefore(text, i, from) : i;
      int end = i + token.content().length();
      end = token.rightStrip() ? spacesAfter(text, end) : end;
      if (start > from) {
        sink.text(text.substring(from, start), after);
      }
      sink.token(token.id());
      after = true;
      from = end;
      i = end;
    }
    if (from < text.length()) {
      sink.text(text.substring(from), after);
    }
  }

  private AddedToken longest(CharTrie trie, String text, int start) {
    AddedToken found = null;
    int node = 0;
    for (int i = start; i < text.length(); ) {
      node = trie.child(node, text.charAt(i++));
      if (node < 0) {
        break;
      }
      if (trie.value(node) >= 0) {
        AddedToken token = tokens.get(trie.value(node));
        if (!token.singleWord() || standsAlone(text, start, i)) {
          found = token;
        }
      }
    }
    return found;
  }

  private static boolean standsAlone(String text, int start, int end) {
    return (start == 0 || !CharSets.isWord(text.codePointBefore(start)))
        && (end == text.length() || !CharSets.isWord(text.codePointAt(end)));
  }

  private static int spacesBefore(String text, int start, int limit) {
    int i = start;
    while (i > limit && CharSets.isSpace(text.charAt(i - 1))) {
      i--;
    }
    return i;
  }

  private static int spacesAfter(String text, int end) {
    int i = end;
    while (i < text.length() && CharSets.isSpace(text.charAt(i))) {
      i++;
    }
    return i;
  }
}
