package org.slmruntime.tokenizer.chat;

import java.util.List;
import java.util.Map;

/** Python's {@code text % values}. */
final class PercentFormat {
  private final RenderState state;
  private final String format;
  private final Object values;
  private final StringBuilder out = new StringBuilder();
  private int position;
  private int used;

  private PercentFormat(RenderState state, String format, Object values) {
    this.state = state;
    this.format = format;
    this.values = values;
  }

  static String format(RenderState state, String format, Object values) {
    state.characters(format.length());
    return new PercentFormat(state, format, values).run();
  }

  private String run() {
    while (position < format.length()) {
      char c = format.charAt(position++);
      if (c == '%') {
        conversion();
        state.characters(0);
        state.checkSize(out.length());
      } else {
        out.append(c);
      }
    }
    if (values instanceof Tuple tuple && used < tuple.size()
        || !(values instanceof Tuple || values instanceof Map || values instanceof List)
            && used == 0) {
      throw state.error("not all arguments converted during string formatting");
    }
    return out.toString();
  }

  private void conversion() {
    Object keyed = null;
    boolean hasKey = accept('(');
    if (hasKey) {
      keyed = keyed();
    }
    String flags = flags();
    int width = number();
    int precision = accept('.') ? Math.max(0, number()) : -1;
    while (position < format.length() && "hlL".indexOf(format.charAt(position)) >= 0) {
      position++;
    }
    if (position >= format.length()) {
      throw state.error("incomplete format");
    }
    char type = format.charAt(position++);
    if (type == '%') {
      out.append('%');
      return;
    }
    boolean left = flags.indexOf('-') >= 0 || width < 0;
    Object value = hasKey ? keyed : next();
    pad(sign(flags, value, type), body(flags, value, type, precision), flags, left, width);
  }

  private boolean accept(char c) {
    if (position < format.length() && format.charAt(position) == c) {
      position++;
      return true;
    }
    return false;
  }

  private Object keyed() {
    int end = format.indexOf(')', position);
    if (end < 0) {
      throw state.error("incomplete format key");
    }
    if (!(values instanceof Map<?, ?> map)) {
      throw state.error("format requires a mapping");
    }
    String key = format.substring(position, end);
    position = end + 1;
    if (!map.containsKey(key)) {
      throw state.error("a format names " + Text.repr(state, key) + ", which is not there");
    }
    used++;
    return map.get(key);
  }

  private String flags() {
    int start = position;
    while (position < format.length() && "#0- +".indexOf(format.charAt(position)) >= 0) {
      position++;
    }
    return format.substring(start, position);
  }

  /** A width or precision; that of a star is an argument. */
  private int number() {
    long number = 0;
    if (accept('*')) {
      number = Values.integer(state, next());
      state.checkSize(Math.abs(number));
    }
    while (position < format.length() && Character.digit(format.charAt(position), 10) >= 0) {
      number = number * 10 + Character.digit(format.charAt(position++), 10);
      state.checkSize(number);
    }
    return (int) number;
  }

  private Object next() {
    if (values instanceof Tuple tuple) {
      if (used >= tuple.size()) {
        throw state.error("not enough arguments for format string");
      }
      return tuple.get(used++);
    }
    if (used++ > 0) {
      throw state.error("not enough arguments for format string");
    }
    return values;
  }

  private String sign(String flags, Object value, char type) {
    if ("diuxXoeEfFgG".indexOf(type) < 0) {
      return "";
    }
    if (!Values.isNumber(value)) {
      Values.refuseUndefined(state, value);
      throw state.error(
          "%" + type + " format: a real number is required, not " + Values.typeName(value));
    }
    return NumberFormat.isNegative(Values.number(value)) && !roundsToPositiveZero(value, type)
        ? "-"
        : flags.indexOf('+') >= 0 ? "+" : flags.indexOf(' ') >= 0 ? " " : "";
  }

  private static boolean roundsToPositiveZero(Object value, char type) {
    return "diu".indexOf(type) >= 0 && (long) Values.number(value) == 0;
  }

  private String body(String flags, Object value, char type, int precision) {
    boolean alternate = flags.indexOf('#') >= 0;
    return switch (type) {
      case 's' -> cut(Text.str(state, value), precision);
      case 'r', 'a' -> cut(Text.repr(state, value), precision);
      case 'c' -> character(value);
      case 'd', 'i', 'u' -> zeros(NumberFormat.integer(truncated(value), 'd'), precision);
      case 'x', 'X', 'o' ->
          (alternate ? "0" + type : "")
              + zeros(NumberFormat.integer(Values.integer(state, value), type), precision);
      case 'e', 'E', 'f', 'F', 'g', 'G' ->
          NumberFormat.magnitude(state, Values.number(value), type, precision, alternate);
      default -> throw state.error("unsupported format character '" + type + "'");
    };
  }

  private long truncated(Object value) {
    if (!(value instanceof Double number)) {
      return Values.integer(state, value);
    }
    return Arithmetic.toLong(state, number);
  }

  private String zeros(String digits, int precision) {
    return PythonStrings.pad(state, digits, precision, "0", true, false);
  }

  private String cut(String text, int precision) {
    return precision < 0 || PythonStrings.length(text) <= precision
        ? text
        : text.substring(0, text.offsetByCodePoints(0, precision));
  }

  private String character(Object value) {
    if (value instanceof String text && PythonStrings.length(text) == 1) {
      return text;
    }
    long point = Values.integer(state, value);
    if (point < 0 || point > Character.MAX_CODE_POINT) {
      throw state.error("%c arg not in range(0x110000)");
    }
    return Character.toString((int) point);
  }

  private void pad(String sign, String body, String flags, boolean left, int width) {
    long missing = Math.abs((long) width) - sign.length() - PythonStrings.length(body);
    int count = (int) Math.max(0, missing);
    state.characters(out.length() / 64 + body.length() + (long) count);
    boolean zero = flags.indexOf('0') >= 0 && !left && !sign.equals("") | isDigit(body);
    if (zero) {
      out.append(sign).repeat('0', count).append(body);
    } else if (left) {
      out.append(sign).append(body).repeat(' ', count);
    } else {
      out.repeat(' ', count).append(sign).append(body);
    }
  }

  private static boolean isDigit(String body) {
    return !body.isEmpty() && Character.digit(body.charAt(0), 10) >= 0;
  }
}
