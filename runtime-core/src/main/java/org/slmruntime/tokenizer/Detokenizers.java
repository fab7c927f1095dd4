package org.slmruntime.tokenizer;

import java.nio.charset.StandardCharsets;

/** The ways tokens become bytes. */
final class Detokenizers {
  private Detokenizers() {}

  /** ▁ is a space, {@code <0xXX>} a byte; the first space is dropped if encoding added one. */
  static Detokenizer sentencePiece(boolean dropFirstSpace) {
    return (token, first) -> {
      int b = Vocabulary.byteOf(token);
      if (b >= 0) {
        return new byte[] {(byte) b};
      }
      String text = token.replace('▁', ' ');
      if (first && dropFirstSpace && text.startsWith(" ")) {
        text = text.substring(1);
      }
      return text.getBytes(StandardCharsets.UTF_8);
    };
  }

  /** Tokens without {@code prefix} begin a word. */
  static Detokenizer wordPiece(String prefix, boolean cleanup) {
    return (token, first) ->
        wordPieceText(token, first, prefix, cleanup).getBytes(StandardCharsets.UTF_8);
  }

  static String wordPieceText(String token, boolean first, String prefix, boolean cleanup) {
    String text = token;
    if (!first) {
      text = token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
    }
    return cleanup ? cleanUp(text) : text;
  }

  /** Takes the space before punctuation and English contractions away. */
  static String cleanUp(String text) {
    return text.replace(" .", ".")
        .replace(" ?", "?")
        .replace(" !", "!")
        .replace(" ,", ",")
        .replace(" ' ", "'")
        .replace(" n't", "n't")
        .replace(" 'm", "'m")
        .replace(" do not", " don't")
        .replace(" 's", "'s")
        .replace(" 've", "'ve")
        .replace(" 're", "'re");
  }
}
