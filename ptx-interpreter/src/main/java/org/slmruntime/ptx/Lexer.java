package org.slmruntime.ptx;

import java.util.ArrayList;
import java.util.List;

/** Splits PTX text into tokens. */
final class Lexer {
  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;

  private Lexer(String text) {
    this.text = text;
  }

  static List<Token> tokens(String text) {
    Lexer lexer = new Lexer(text);
    while (lexer.skipBlanks()) {
      lexer.next();
    }
    lexer.tokens.add(new Token(Token.Kind.END, "end of text", lexer.line));
    return lexer.tokens;
  }

  /** Skips blanks and comments; whether anything follows. */
  private boolean skipBlanks() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\n') {
        line++;
        at++;
      } else if (Character.isWhitespace(c)) {
        at++;
      } else if (text.startsWith("//", at)) {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (text.startsWith("/*", at)) {
        skipBlockComment();
      } else {
        return true;
      }
    }
    return false;
  }

  private void skipBlockComment() {
    int end = text.indexOf("*/", at);
    if (end < 0) {
      throw new PtxException("line " + line + ": comment without end");
    }
    line += (int) text.substring(at, end).chars().filter(c -> c == '\n').count();
    at = end + 2;
  }

  private void next() {
    char c = text.charAt(at);
    int start = at;
    if (Character.isDigit(c)) {
      while (at < text.length() && isNumberPart(text.charAt(at))) {
        at++;
      }
      add(Token.Kind.NUMBER, start);
    } else if (isWordStart(c)) {
      at++;
      while (at < text.length() && isWordPart()) {
        at += text.charAt(at) == ':' ? 2 : 1;
      }
      add(Token.Kind.WORD, start);
    } else if (c == '"') {
      at = text.indexOf('"', at + 1) + 1;
      if (at == 0) {
        throw new PtxException("line " + line + ": string without end");
      }
      add(Token.Kind.STRING, start);
    } else if (",;{}[]()+-@!<>|=:".indexOf(c) >= 0) {
      at++;
      add(Token.Kind.MARK, start);
    } else {
      throw new PtxException("line " + line + ": character '" + c + "' not understood");
    }
  }

  private void add(Token.Kind kind, int start) {
    tokens.add(new Token(kind, text.substring(start, at), line));
  }

  private static boolean isNumberPart(char c) {
    return Character.isLetterOrDigit(c) || c == '.';
  }

  private static boolean isWordStart(char c) {
    return Character.isLetter(c) || c == '_' || c == '$' || c == '%' || c == '.';
  }

  /** Modifiers such as {@code .L1::no_allocate} hold double colons. */
  private boolean isWordPart() {
    char c = text.charAt(at);
    return Character.isLetterOrDigit(c)
        || c == '_'
        || c == '$'
        || c == '%'
        || c == '.'
        || text.startsWith("::", at);
  }
}
