package org.slmruntime.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads and writes JSON (RFC 8259) for the model-side files that core must read without
 * dependencies: tokenizer.json, config.json, safetensors headers, template input.
 *
 * <p>Values are {@link Map} (in file order), {@link List}, {@link String}, {@link Long}, {@link
 * Double}, {@link Boolean} and {@code null}. Integers beyond 64 bits become doubles. A repeated key
 * keeps its last value, as most readers do. Nesting is limited to {@value #MAX_DEPTH}.
 */
public final class Json {
  public static final int MAX_DEPTH = 256;

  private final String text;
  private final boolean uniqueKeys;
  private int position;

  private Json(String text, boolean uniqueKeys) {
    this.text = text;
    this.uniqueKeys = uniqueKeys;
  }

  /** Parses one JSON value; anything but white space after it is an error. */
  public static Object parse(String text) {
    return new Json(text, false).readDocument();
  }

  /** Parses a JSON object; that it or an object within it has a key twice is an error. */
  public static Map<String, Object> parseUniqueKeys(String text) {
    return asObject(new Json(text, true).readDocument(), "the document");
  }

  private Object readDocument() {
    Object value = readValue(0);
    skipSpace();
    if (position < text.length()) {
      throw error("unexpected text after the value");
    }
    return value;
  }

  /** Parses a JSON object. */
  public static Map<String, Object> parseObject(String text) {
    return asObject(parse(text), "the document");
  }

  /** Casts a parsed value to an object, or fails naming {@code what}. */
  @SuppressWarnings("unchecked")
  public static Map<String, Object> asObject(Object value, String what) {
    if (value instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw new JsonException(what + " must be a JSON object but is " + kind(value));
  }

  /** Casts a parsed value to an array, or fails naming {@code what}. */
  @SuppressWarnings("unchecked")
  public static List<Object> asArray(Object value, String what) {
    if (value instanceof List<?> list) {
      return (List<Object>) list;
    }
    throw new JsonException(what + " must be a JSON array but is " + kind(value));
  }

  /** Casts a parsed value to a string, or fails naming {@code what}. */
  public static String asString(Object value, String what) {
    if (value instanceof String string) {
      return string;
    }
    throw new JsonException(what + " must be a JSON string but is " + kind(value));
  }

  /** The JSON name of a parsed value's type. */
  public static String kind(Object value) {
    return switch (value) {
      case null -> "null";
      case Map<?, ?> _ -> "an object";
      case List<?> _ -> "an array";
      case String _ -> "a string";
      case Boolean _ -> "a boolean";
      default -> "a number";
    };
  }

  /** Writes a value of the types above (and any {@link Number}) as compact JSON. */
  public static String write(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  private static void write(Object value, StringBuilder out) {
    switch (value) {
      case null -> out.append("null");
      case String s -> writeString(s, out);
      case Map<?, ?> map -> {
        out.append('{');
        String separator = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(separator);
          writeString(entry.getKey().toString(), out);
          out.append(':');
          write(entry.getValue(), out);
          separator = ",";
        }
        out.append('}');
      }
      case Iterable<?> items -> {
        out.append('[');
        String separator = "";
        for (Object item : items) {
          out.append(separator);
          write(item, out);
          separator = ",";
        }
        out.append(']');
      }
      case Number n when !Double.isFinite(n.doubleValue()) ->
          throw new JsonException("JSON has no number for " + n);
      default -> out.append(value);
    }
  }

  private static void writeString(String s, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ') {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private Object readValue(int depth) {
    if (depth > MAX_DEPTH) {
      throw error("nesting deeper than " + MAX_DEPTH);
    }
    skipSpace();
    if (position >= text.length()) {
      throw error("unexpected end of text");
    }
    char c = text.charAt(position);
    return switch (c) {
      case '{' -> readObject(depth);
      case '[' -> readArray(depth);
      case '"' -> readString();
      case 't' -> readWord("true", true);
      case 'f' -> readWord("false", false);
      case 'n' -> readWord("null", null);
      default -> readNumber();
    };
  }

  private Map<String, Object> readObject(int depth) {
    Map<String, Object> map = new LinkedHashMap<>();
    position++;
    skipSpace();
    if (accept('}')) {
      return map;
    }
    while (true) {
      skipSpace();
      if (position >= text.length() || text.charAt(position) != '"') {
        throw error("expected a key in quotes");
      }
      String key = readString();
      skipSpace();
      expect(':');
      if (uniqueKeys && map.containsKey(key)) {
        throw error("a key for the second time");
      }
      map.put(key, readValue(depth + 1));
      skipSpace();
      if (accept('}')) {
        return map;
      }
      expect(',');
    }
  }

  private List<Object> readArray(int depth) {
    List<Object> list = new ArrayList<>();
    position++;
    skipSpace();
    if (accept(']')) {
      return list;
    }
    while (true) {
      list.add(readValue(depth + 1));
      skipSpace();
      if (accept(']')) {
        return list;
      }
      expect(',');
    }
  }

  private String readString() {
    int start = ++position;
    int i = start;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (c == '"') {
        position = i + 1;
        return text.substring(start, i);
      }
      if (c == '\\') {
        return readEscapedString(start, i);
      }
      if (c < ' ') {
        position = i;
        throw error("control character in a string");
      }
      i++;
    }
    position = i;
    throw error("unterminated string");
  }

  private String readEscapedString(int start, int firstEscape) {
    StringBuilder out = new StringBuilder().append(text, start, firstEscape);
    position = firstEscape;
    while (position < text.length()) {
      char c = text.charAt(position++);
      if (c == '"') {
        return out.toString();
      }
      if (c < ' ') {
        throw error("control character in a string");
      }
      out.append(c == '\\' ? readEscape() : c);
    }
    throw error("unterminated string");
  }

  private char readEscape() {
    if (position >= text.length()) {
      throw error("unterminated string");
    }
    char c = text.charAt(position++);
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'u' -> readHex();
      default -> throw error("unknown escape \\" + c);
    };
  }

  private char readHex() {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = position < text.length() ? Character.digit(text.charAt(position), 16) : -1;
      if (digit < 0 || text.charAt(position) > 'f') {
        throw error("expected four hexadecimal digits");
      }
      value = value << 4 | digit;
      position++;
    }
    return (char) value;
  }

  private Object readNumber() {
    int start = position;
    boolean integral = true;
    accept('-');
    int firstDigit = position;
    readDigits();
    if (position > firstDigit + 1 && text.charAt(firstDigit) == '0') {
      throw error("a number must not start with 0");
    }
    if (accept('.')) {
      integral = false;
      readDigits();
    }
    if (accept('e') || accept('E')) {
      integral = false;
      if (!accept('+')) {
        accept('-');
      }
      readDigits();
    }
    String digits = text.substring(start, position);
    if (integral && digits.length() <= 18) {
      return Long.parseLong(digits);
    }
    if (integral && digits.length() <= 20) {
      try {
        return Long.parseLong(digits);
      } catch (NumberFormatException _) {
        return Double.parseDouble(digits);
      }
    }
    return Double.parseDouble(digits);
  }

  private void readDigits() {
    int start = position;
    while (position < text.length()
        && text.charAt(position) >= '0'
        && text.charAt(position) <= '9') {
      position++;
    }
    if (position == start) {
      throw error("unexpected character");
    }
  }

  private Object readWord(String word, Object value) {
    if (!text.startsWith(word, position)) {
      throw error("unexpected character");
    }
    position += word.length();
    return value;
  }

  private void skipSpace() {
    while (position < text.length()) {
      char c = text.charAt(position);
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
        return;
      }
      position++;
    }
  }

  private boolean accept(char c) {
    if (position < text.length() && text.charAt(position) == c) {
      position++;
      return true;
    }
    return false;
  }

  private void expect(char c) {
    if (!accept(c)) {
      throw error("expected '" + c + "'");
    }
  }

  private JsonException error(String what) {
    return new JsonException("JSON, offset " + position + ": " + what);
  }
}
