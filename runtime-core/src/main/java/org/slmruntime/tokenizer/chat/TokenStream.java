package org.slmruntime.tokenizer.chat;

import java.util.List;
import java.util.Locale;
import org.slmruntime.tokenizer.chat.Token.Kind;

/** Tokens with one of look-ahead. */
final class TokenStream {
  private final List<Token> tokens;
  private int position;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  int position() {
    return position;
  }

  /** Whether a name occurs between a position and the present one. */
  boolean mentioned(int from, String name) {
    return tokens.subList(from, position).stream().anyMatch(t -> t.is(Kind.NAME, name));
  }

  Token peek() {
    return tokens.get(position);
  }

  Token peekSecond() {
    return tokens.get(Math.min(position + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = tokens.get(position);
    if (token.kind() != Kind.END) {
      position++;
    }
    return token;
  }

  boolean accept(Kind kind, String text) {
    if (peek().is(kind, text)) {
      position++;
      return true;
    }
    return false;
  }

  void expect(Kind kind, String text) {
    if (!accept(kind, text)) {
      throw error(
          "expected " + (text.isEmpty() ? "the end of the tag" : text) + " but got " + describe());
    }
  }

  Token expectKind(Kind kind) {
    if (peek().kind() != kind) {
      throw error("expected a " + kind.name().toLowerCase(Locale.ROOT) + " but got " + describe());
    }
    return next();
  }

  String describe() {
    Token token = peek();
    return switch (token.kind()) {
      case END -> "the end of the template";
      case BLOCK_END, OUTPUT_END -> "the end of the tag";
      default -> "\"" + token.text() + "\"";
    };
  }

  TemplateException error(String problem) {
    return new TemplateException("template line " + peek().line() + ": " + problem);
  }
}
