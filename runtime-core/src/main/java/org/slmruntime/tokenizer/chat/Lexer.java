package org.slmruntime.tokenizer.chat;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slmruntime.tokenizer.chat.Token.Kind;

/**
 * Cuts a template into text and tokens, with trim_blocks (the first newline after a block is
 * dropped) and lstrip_blocks (blanks before a block that begins a line are dropped).
 */
final class Lexer {
  private static final List<String> OPERATORS =
      List.of(
          "//", "**", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "(", ")", "[", "]", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");
  private static final Pattern RAW_END =
      Pattern.compile("\\{%([-+]?)[ \\t\\r\\n]*endraw[ \\t\\r\\n]*([-+]?)%\\}");
  private static final Pattern NUMBER =
      Pattern.compile(
          "0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+"
              + "|[0-9][0-9_]*(\\.[0-9][0-9_]*)?([eE][+-]?[0-9][0-9_]*)?");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int position;
  private int line = 1;

  Lexer(String text) {
    if (text.length() > TemplateLimits.MAX_SOURCE) {
      throw new TemplateException("the template has " + text.length() + " characters; too many");
    }
    String unix = text.replace("\r\n", "\n").replace('\r', '\n');
    source = unix.endsWith("\n") ? unix.substring(0, unix.length() - 1) : unix;
  }

  List<Token> tokens() {
    boolean trimLeft = false;
    boolean dropNewline = false;
    while (position < source.length()) {
      int tag = nextTag();
      String text = source.substring(position, tag);
      int textLine = line;
      advance(tag);
      text = before(text, tag, trimLeft, dropNewline);
      if (!text.isEmpty()) {
        tokens.add(new Token(Kind.TEXT, text, textLine));
      }
      trimLeft = false;
      dropNewline = false;
      if (tag < source.length()) {
        switch (source.charAt(tag + 1)) {
          case '#' -> {
            String end = comment();
            trimLeft = end.equals("-");
            dropNewline = end.isEmpty();
          }
          case '%' -> {
            String end = block();
            trimLeft = end.equals("-");
            dropNewline = end.isEmpty();
          }
          default -> trimLeft = output().equals("-");
        }
      }
    }
    tokens.add(new Token(Kind.END, "", line));
    return tokens;
  }

  private int nextTag() {
    for (int i = position; i + 1 < source.length(); i++) {
      if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return source.length();
  }

  /** Text between two tags after white space control. */
  private String before(String text, int tag, boolean trimLeft, boolean dropNewline) {
    String result = text;
    if (trimLeft) {
      result = PythonStrings.strip(result, null, true, false);
    } else if (dropNewline && result.startsWith("\n")) {
      result = result.substring(1);
    }
    if (tag >= source.length()) {
      return result;
    }
    char control = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
    if (control == '-') {
      return PythonStrings.strip(result, null, false, true);
    }
    if (control != '+' && source.charAt(tag + 1) != '{') {
      return withoutIndent(result, text);
    }
    return result;
  }

  /** Drops blanks at the end if nothing but blanks stands between the line's start and the tag. */
  private String withoutIndent(String text, String original) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) != '\n' && PythonStrings.isSpace(text.charAt(end - 1))) {
      end--;
    }
    boolean lineStart =
        end > 0
            ? text.charAt(end - 1) == '\n'
            : original.length() > text.length()
                ? original.charAt(original.length() - text.length() - 1) == '\n'
                : startsLine(original);
    return lineStart ? text.substring(0, end) : text;
  }

  private boolean startsLine(String original) {
    int start = position - original.length();
    return start == 0 || source.charAt(start - 1) == '\n';
  }

  private void advance(int to) {
    for (int i = position; i < to; i++) {
      if (source.charAt(i) == '\n') {
        line++;
      }
    }
    position = to;
  }

  /** Skips a comment; returns the sign before its end. */
  private String comment() {
    int end = source.indexOf("#}", position + 2);
    if (end < 0) {
      throw error("a comment is not closed");
    }
    String sign = end > position + 2 ? sign(source.charAt(end - 1)) : "";
    advance(end + 2);
    return sign;
  }

  private static String sign(char c) {
    return c == '-' || c == '+' ? String.valueOf(c) : "";
  }

  private String output() {
    open(Kind.OUTPUT_BEGIN);
    return expression("}}", Kind.OUTPUT_END);
  }

  private String block() {
    int begin = tokens.size();
    open(Kind.BLOCK_BEGIN);
    String end = expression("%}", Kind.BLOCK_END);
    boolean raw = tokens.size() == begin + 3 && tokens.get(begin + 1).is(Kind.NAME, "raw");
    return raw ? raw(begin, end) : end;
  }

  /** Everything up to endraw is text; unlike other blocks, raw keeps the newline after it. */
  private String raw(int begin, String opened) {
    tokens.subList(begin, tokens.size()).clear();
    Matcher matcher = RAW_END.matcher(source);
    if (!matcher.find(position)) {
      throw error("raw is not closed");
    }
    String text = source.substring(position, matcher.start());
    if (opened.equals("-")) {
      text = PythonStrings.strip(text, null, true, false);
    }
    if (matcher.group(1).equals("-")) {
      text = PythonStrings.strip(text, null, false, true);
    } else if (matcher.group(1).isEmpty()) {
      int end = text.length();
      while (end > 0
          && text.charAt(end - 1) != '\n'
          && PythonStrings.isSpace(text.charAt(end - 1))) {
        end--;
      }
      text = end > 0 && text.charAt(end - 1) == '\n' ? text.substring(0, end) : text;
    }
    if (!text.isEmpty()) {
      tokens.add(new Token(Kind.TEXT, text, line));
    }
    advance(matcher.end());
    return matcher.group(2);
  }

  private void open(Kind kind) {
    tokens.add(new Token(kind, "", line));
    advance(position + 2);
    if (position < source.length() && !sign(source.charAt(position)).isEmpty()) {
      position++;
    }
  }

  /** Reads tokens up to the closing tag; returns the sign before it. */
  private String expression(String close, Kind kind) {
    int nesting = 0;
    while (position < source.length()) {
      char c = source.charAt(position);
      if (Character.isWhitespace(c)) {
        advance(position + 1);
        continue;
      }
      if (nesting == 0) {
        String sign = sign(c);
        if (!sign.isEmpty() && source.startsWith(close, position + 1)) {
          tokens.add(new Token(kind, "", line));
          advance(position + 3);
          return sign;
        }
        if (source.startsWith(close, position)) {
          tokens.add(new Token(kind, "", line));
          advance(position + 2);
          return "";
        }
      }
      nesting += c == '{' || c == '(' || c == '[' ? 1 : c == '}' || c == ')' || c == ']' ? -1 : 0;
      if (nesting < 0) {
        throw error("unexpected " + c);
      }
      token(c);
    }
    throw error("a tag is not closed");
  }

  private void token(char c) {
    if (c == '"' || c == '\'') {
      string(c);
    } else if (c >= '0' && c <= '9') {
      number();
    } else if (c == '_' || Character.isLetter(c)) {
      int end = position;
      while (end < source.length()
          && (source.charAt(end) == '_' || Character.isLetterOrDigit(source.charAt(end)))) {
        end++;
      }
      add(Kind.NAME, source.substring(position, end), end);
    } else {
      for (String operator : OPERATORS) {
        if (source.startsWith(operator, position)) {
          add(Kind.OPERATOR, operator, position + operator.length());
          return;
        }
      }
      throw error("unexpected character " + c);
    }
  }

  private void add(Kind kind, String text, int end) {
    tokens.add(new Token(kind, text, line));
    advance(end);
  }

  private void number() {
    Matcher matcher = NUMBER.matcher(source).region(position, source.length());
    if (!matcher.lookingAt()) {
      throw error("malformed number");
    }
    boolean isFloat = matcher.group(1) != null || matcher.group(2) != null;
    add(isFloat ? Kind.FLOAT : Kind.INTEGER, matcher.group().replace("_", ""), matcher.end());
  }

  private void string(char quote) {
    StringBuilder out = new StringBuilder();
    int i = position + 1;
    while (i < source.length() && source.charAt(i) != quote) {
      char c = source.charAt(i++);
      if (c == '\\' && i < source.length()) {
        i = escape(i, out);
      } else {
        out.append(c);
      }
    }
    if (i >= source.length()) {
      throw error("a string is not closed");
    }
    add(Kind.STRING, out.toString(), i + 1);
  }

  /** Appends what the escape at {@code at} means; an unknown one stays as it is, as in Python. */
  private int escape(int at, StringBuilder out) {
    char c = source.charAt(at);
    int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits > 0) {
      try {
        int point = HexFormat.fromHexDigits(source, at + 1, at + 1 + digits);
        out.appendCodePoint(point);
      } catch (IndexOutOfBoundsException | IllegalArgumentException _) {
        throw error("malformed escape in a string");
      }
      return at + 1 + digits;
    }
    switch (c) {
      case 'n' -> out.append('\n');
      case 't' -> out.append('\t');
      case 'r' -> out.append('\r');
      case 'b' -> out.append('\b');
      case 'f' -> out.append('\f');
      case 'a' -> out.append('\u0007');
      case 'v' -> out.append('\u000b');
      case '0' -> out.append('\0');
      case '\\', '\'', '"' -> out.append(c);
      case '\n' -> {}
      default -> out.append('\\').append(c);
    }
    return at + 1;
  }

  private TemplateException error(String problem) {
    return new TemplateException("template line " + line + ": " + problem);
  }
}
