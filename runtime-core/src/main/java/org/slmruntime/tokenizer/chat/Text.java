package org.slmruntime.tokenizer.chat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Map;

/** Python's str and repr. */
final class Text {
  private Text() {}

  static String str(RenderState state, Object value) {
    return switch (value) {
      case String text -> text;
      case Undefined _ -> "";
      case null, default -> repr(state, value);
    };
  }

  static String repr(RenderState state, Object value) {
    StringBuilder out = new StringBuilder();
    repr(state, value, out);
    return out.toString();
  }

  private static void repr(RenderState state, Object value, StringBuilder out) {
    state.enter();
    state.checkSize(out.length());
    switch (value) {
      case null -> out.append("None");
      case Boolean flag -> out.append(flag ? "True" : "False");
      case Long number -> out.append(number.longValue());
      case Double number -> out.append(number(number));
      case String text -> quote(state, text, out);
      case Tuple tuple -> items(state, tuple, "(", tuple.size() == 1 ? ",)" : ")", out);
      case Range range -> out.append(range.describe());
      case List<?> list -> items(state, list, "[", "]", out);
      case Map<?, ?> map -> dict(state, map, out);
      case DictView view -> items(state, view.items(), view.kind() + "([", "])", out);
      case Undefined _ -> out.append("Undefined");
      case Namespace space -> {
        out.append("<Namespace ");
        repr(state, space.attributes(), out);
        out.append('>');
      }
      case Macro macro -> out.append("<Macro '").append(macro.name()).append("'>");
      case Loop loop -> out.append(loop.describe());
      case Generator generator -> out.append("<").append(generator.kind()).append(" object>");
      default -> out.append('<').append(Values.typeName(value)).append('>');
    }
    state.leave();
  }

  private static void items(
      RenderState state, List<?> list, String open, String close, StringBuilder out) {
    String separator = open;
    for (Object item : list) {
      out.append(separator);
      repr(state, item, out);
      separator = ", ";
    }
    out.append(list.isEmpty() ? open : "").append(close);
  }

  private static void dict(RenderState state, Map<?, ?> map, StringBuilder out) {
    out.append('{');
    String separator = "";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator);
      repr(state, entry.getKey(), out);
      out.append(": ");
      repr(state, entry.getValue(), out);
      separator = ", ";
    }
    out.append('}');
  }

  private static void quote(RenderState state, String text, StringBuilder out) {
    state.characters(text.length());
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                  if (c == quote) {
                    out.append('\\').append(quote);
                  } else if (PythonStrings.isPrintable(c)) {
                    out.appendCodePoint(c);
                  } else {
                    escape(c, out);
                  }
                }
              }
            });
    out.append(quote);
  }

  private static void escape(int c, StringBuilder out) {
    String digits = Integer.toHexString(c);
    int width = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
    out.append(width == 2 ? "\\x" : width == 4 ? "\\u" : "\\U")
        .repeat('0', width - digits.length())
        .append(digits);
  }

  /** The shortest digits that give the same double, as Python writes them. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    BigDecimal oneDigit = decimal.round(new MathContext(1));
    // Java always gives two digits, though the smallest doubles need but one.
    if (oneDigit.doubleValue() == value) {
      decimal = oneDigit.stripTrailingZeros();
    }
    int exponent = decimal.precision() - decimal.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = decimal.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String digits = decimal.unscaledValue().abs().toString();
    return (value < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + exponent(exponent);
  }

  /** An exponent with a sign and at least two digits. */
  static String exponent(int exponent) {
    int size = Math.abs(exponent);
    return (exponent < 0 ? "e-" : "e+") + (size < 10 ? "0" : "") + size;
  }
}
