package org.slmruntime.ptx;

import java.util.List;

/** A position in a list of tokens. */
final class TokenReader {
  private final List<Token> tokens;
  private int at;

  TokenReader(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(at);
  }

  Token peek(int ahead) {
    return tokens.get(Math.min(at + ahead, tokens.size() - 1));
  }

  Token next() {
    Token token = tokens.get(at);
    if (token.kind() == Token.Kind.END) {
      throw error(token, "the text ends too early");
    }
    at++;
    return token;
  }

  boolean at(String text) {
    return peek().is(text);
  }

  boolean take(String text) {
    if (at(text)) {
      at++;
      return true;
    }
    return false;
  }

  void expect(String text) {
    Token token = next();
    if (!token.is(text)) {
      throw error(token, "expected '" + text + "' but found '" + token.text() + "'");
    }
  }

  String word() {
    Token token = next();
    if (token.kind() != Token.Kind.WORD) {
      throw error(token, "expected a name but found '" + token.text() + "'");
    }
    return token.text();
  }

  int integer() {
    Token token = next();
    return (int) Numbers.parse(token).bits();
  }

  void skipPast(String text) {
    while (!next().is(text)) {
      // until it is found, or the text ends
    }
  }

  static PtxException error(Token token, String what) {
    return new PtxException("line " + token.line() + ": " + what);
  }
}
