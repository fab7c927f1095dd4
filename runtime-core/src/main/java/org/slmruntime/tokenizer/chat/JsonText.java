package org.slmruntime.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Python's json.dumps. */
final class JsonText {
  private final RenderState state;
  private final boolean ascii;
  private final String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean sortKeys;
  private final StringBuilder out = new StringBuilder();

  private JsonText(
      RenderState state,
      boolean ascii,
      String indent,
      String itemSeparator,
      String keySeparator,
      boolean sortKeys) {
    this.state = state;
    this.ascii = ascii;
    this.indent = indent;
    this.itemSeparator = itemSeparator;
    this.keySeparator = keySeparator;
    this.sortKeys = sortKeys;
  }

  /** The tojson filter as Hugging Face defines it. */
  static String filter(RenderState state, Object value, CallArguments arguments) {
    CallArguments.Bound bound =
        arguments.bind(state, "tojson", "ensure_ascii?", "indent?", "separators?", "sort_keys?");
    String indent = bound.present(1) ? indent(state, bound.get(1)) : null;
    String item = indent == null ? ", " : ",";
    String key = ": ";
    if (bound.present(2)) {
      List<Object> separators = Values.iterate(state, bound.get(2));
      if (separators.size() != 2
          || !(separators.get(0) instanceof String first)
          || !(separators.get(1) instanceof String second)) {
        throw state.error("tojson needs two separators");
      }
      item = first;
      key = second;
    }
    JsonText json =
        new JsonText(state, bound.flag(0, false), indent, item, key, bound.flag(3, false));
    json.write(value, 0);
    return json.out.toString();
  }

  private static String indent(RenderState state, Object value) {
    if (value instanceof String text) {
      return text;
    }
    long width = Math.max(0, Values.integer(state, value));
    state.characters(width);
    return " ".repeat((int) width);
  }

  private void write(Object value, int depth) {
    state.enter();
    state.checkSize(out.length());
    switch (value) {
      case null -> out.append("null");
      case Boolean flag -> out.append(flag.booleanValue());
      case Long number -> out.append(number.longValue());
      case Double number -> out.append(number(number));
      case String text -> quote(text);
      case Map<?, ?> map -> object(map, depth);
      case List<?> list when !(list instanceof Range) -> array(list, depth);
      default ->
          throw state.error(
              "Object of type " + Values.typeName(value) + " is not JSON serializable");
    }
    state.leave();
  }

  private static String number(double value) {
    return Double.isNaN(value)
        ? "NaN"
        : Double.isInfinite(value) ? value > 0 ? "Infinity" : "-Infinity" : Text.number(value);
  }

  private void array(List<?> list, int depth) {
    if (list.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    for (int i = 0; i < list.size(); i++) {
      out.append(i > 0 ? itemSeparator : "");
      newLine(depth + 1);
      write(list.get(i), depth + 1);
    }
    newLine(depth);
    out.append(']');
  }

  private void object(Map<?, ?> map, int depth) {
    if (map.isEmpty()) {
      out.append("{}");
      return;
    }
    List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
    if (sortKeys) {
      state.elements(entries.size());
      entries.sort((a, b) -> Values.compare(state, "<", a.getKey(), b.getKey()));
    }
    out.append('{');
    String separator = "";
    for (Map.Entry<?, ?> entry : entries) {
      out.append(separator);
      newLine(depth + 1);
      quote(key(entry.getKey()));
      out.append(keySeparator);
      write(entry.getValue(), depth + 1);
      separator = itemSeparator;
    }
    newLine(depth);
    out.append('}');
  }

  private String key(Object key) {
    return switch (key) {
      case null -> "null";
      case String text -> text;
      case Boolean flag -> flag.toString();
      case Double number -> number(number);
      case Long number -> number.toString();
      default ->
          throw state.error(
              "keys must be str, int, float, bool or None, not " + Values.typeName(key));
    };
  }

  private void newLine(int depth) {
    if (indent != null) {
      state.characters((long) indent.length() * depth);
      out.append('\n').repeat(indent, depth);
      state.checkSize(out.length());
    }
  }

  private void quote(String text) {
    state.characters(text.length());
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ' || ascii && c > '~') {
            String digits = Integer.toHexString(c);
            out.append("\\u").repeat('0', 4 - digits.length()).append(digits);
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
