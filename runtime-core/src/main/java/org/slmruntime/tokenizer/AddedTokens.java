package org.slmruntime.tokenizer;

import java.util.List;
import java.util.stream.Stream;
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

  /** Of tokens with one text, a special one counts, then the first. */
  AddedTokens(List<AddedToken> tokens) {
    this.tokens =
        Stream.concat(
                tokens.stream().filter(AddedToken::special),
                tokens.stream().filter(t -> !t.special()))
            .filter(t -> !t.content().isEmpty())
            .toList();
    for (int i = this.tokens.size() - 1; i >= 0; i--) {
      AddedToken token = this.tokens.get(i);
      all.put(token.content(), i);
      if (!token.special()) {
        plain.put(token.content(), i);
      }
    }
  }

  /**
   * @param withSpecial whether special tokens are recognized
   */
  void split(String text, boolean withSpecial, boolean afterToken, Sink sink) {
    if (tokens.isEmpty()) {
      if (!text.isEmpty()) {
        sink.text(text, afterToken);
      }
      return;
    }
    new Search(text, withSpecial ? all : plain, sink).run(afterToken);
  }

  /** One pass over one text. */
  private final class Search {
    private final String text;
    private final CharTrie trie;
    private final Sink sink;

    /** The end of the run of spaces looked at last, so that no run is read twice. */
    private int spacesEnd;

    private int matchEnd;

    private Search(String text, CharTrie trie, Sink sink) {
      this.text = text;
      this.trie = trie;
      this.sink = sink;
    }

    /**
     * The search goes on where a token's own text ends: spaces that it takes behind it may begin
     * another token, which then stands for them as well.
     */
    private void run(boolean afterToken) {
      int from = 0;
      boolean after = afterToken;
      for (int i = 0; i < text.length(); ) {
        AddedToken token = longest(i);
        if (token == null) {
          i++;
          continue;
        }
        int start = i;
        i = matchEnd;
        if (token.singleWord() && !standsAlone(start, matchEnd)) {
          continue;
        }
        start = token.leftStrip() ? Math.max(from, spacesBefore(start, from)) : start;
        if (start > from) {
          sink.text(text.substring(from, start), after);
        }
        from = token.rightStrip() ? spacesAfter(matchEnd) : matchEnd;
        if (from > start) {
          sink.token(token.id());
          after = true;
        }
      }
      if (from < text.length()) {
        sink.text(text.substring(from), after);
      }
    }

    /** The longest token at a place, whose end is noted. */
    private AddedToken longest(int start) {
      AddedToken found = null;
      int node = 0;
      for (int i = start; i < text.length(); ) {
        node = trie.child(node, text.charAt(i++));
        if (node < 0) {
          break;
        }
        if (trie.value(node) >= 0) {
          found = tokens.get(trie.value(node));
          matchEnd = i;
        }
      }
      return found;
    }

    private boolean standsAlone(int start, int end) {
      return (start == 0 || !isWord(text.codePointBefore(start)))
          && (end == text.length() || !isWord(text.codePointAt(end)));
    }

    private int spacesBefore(int start, int limit) {
      int i = start;
      while (i > limit && CharSets.isSpace(text.charAt(i - 1))) {
        i--;
      }
      return i;
    }

    private int spacesAfter(int end) {
      spacesEnd = Math.max(spacesEnd, end);
      while (spacesEnd < text.length() && CharSets.isSpace(text.charAt(spacesEnd))) {
        spacesEnd++;
      }
      return spacesEnd;
    }
  }

  /** Joiners hold words together. */
  private static boolean isWord(int c) {
    return CharSets.isWord(c) || c == 0x200c || c == 0x200d;
  }
}
