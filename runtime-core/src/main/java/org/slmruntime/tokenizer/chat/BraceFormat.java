package org.slmruntime.tokenizer.chat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's {@code text.format(...)}. */
final class BraceFormat {
  private static final Pattern SPEC =
      Pattern.compile(
          "(?s)(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\\d{1,9})?([,_])?(?:\\.(\\d{1,9}))?([a-zA-Z%])?");
  private static final Pattern PART = Pattern.compile("\\.([^.\\[]+)|\\[([^\\]]+)\\]");

  private final RenderState state;
  private final CallArguments arguments;
  private int automatic;

  private BraceFormat(Interpreter interpreter, CallArguments arguments) {
    this.state = interpreter.state();
    this.arguments = arguments;
  }

  static String format(Interpreter interpreter, String format, CallArguments arguments) {
    interpreter.state().characters(format.length());
    return new BraceFormat(interpreter, arguments).run(format, 0);
  }

  private String run(String format, int depth) {
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < format.length()) {
      char c = format.charAt(i);
      boolean doubled = i + 1 < format.length() && format.charAt(i + 1) == c;
      if ((c == '{' || c == '}') && doubled) {
        out.append(c);
        i += 2;
      } else if (c == '{') {
        int end = closing(format, i);
        String text = field(format.substring(i + 1, end), depth);
        state.characters(text.length());
        out.append(text);
        i = end + 1;
      } else if (c == '}') {
        throw state.error("Single '}' encountered in format string");
      } else {
        out.append(c);
        i++;
      }
      state.checkSize(out.length());
    }
    return out.toString();
  }

  private int closing(String format, int open) {
    int nesting = 0;
    for (int i = open; i < format.length(); i++) {
      char c = format.charAt(i);
      nesting += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (nesting == 0) {
        return i;
      }
    }
    throw state.error("expected '}' before end of string");
  }

  private String field(String field, int depth) {
    if (depth > 1) {
      throw state.error("Max string recursion exceeded");
    }
    int colon = field.indexOf(':');
    String name = colon < 0 ? field : field.substring(0, colon);
    int bang = name.indexOf('!');
    String conversion = bang < 0 ? "" : name.substring(bang + 1);
    Object value = lookUp(bang < 0 ? name : name.substring(0, bang));
    String spec = colon < 0 ? "" : run(field.substring(colon + 1), depth + 1);
    return switch (conversion) {
      case "" -> spec(value, spec);
      case "s" -> spec(Text.str(state, value), spec);
      case "r", "a" -> spec(Text.repr(state, value), spec);
      default -> throw state.error("unknown conversion !" + conversion + " in a format");
    };
  }

  private Object lookUp(String name) {
    int end = 0;
    while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
      end++;
    }
    Object value = first(name.substring(0, end));
    Matcher part = PART.matcher(name).region(end, name.length());
    while (part.lookingAt()) {
      value =
          part.group(1) != null
              ? Access.attribute(state, value, part.group(1))
              : Access.item(state, value, key(part.group(2)));
      Values.refuseUndefined(state, value);
      part.region(part.end(), name.length());
    }
    if (part.regionStart() < name.length()) {
      throw state.error("malformed field {" + name + "} in a format");
    }
    return value;
  }

  private static Object key(String text) {
    return isIndex(text) ? (Object) Long.parseLong(text) : text;
  }

  private static boolean isIndex(String text) {
    return text.length() < 10
        && !text.isEmpty()
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private Object first(String name) {
    if (!name.isEmpty() && !isIndex(name)) {
      if (!arguments.named().containsKey(name)) {
        throw state.error("a format names " + Text.repr(state, name) + ", which is not there");
      }
      return arguments.named().get(name);
    }
    int index = name.isEmpty() ? automatic++ : Integer.parseInt(name);
    if (index >= arguments.positional().size()) {
      throw state.error("a format has no argument " + index);
    }
    return arguments.positional().get(index);
  }

  private String spec(Object value, String spec) {
    if (spec.isEmpty()) {
      return Text.str(state, value);
    }
    Matcher matcher = SPEC.matcher(spec);
    if (!matcher.matches()) {
      throw state.error("Invalid format specifier " + Text.repr(state, spec));
    }
    String typed = matcher.group(9);
    char type = typed == null ? 0 : typed.charAt(0);
    boolean numeric = Values.isNumber(value) && !(value instanceof Boolean && type == 0);
    if (!numeric && !(value instanceof String) && !(value instanceof Boolean)) {
      throw state.error(
          "unsupported format string passed to " + Values.typeName(value) + ".__format__");
    }
    int precision = matcher.group(8) == null ? -1 : Integer.parseInt(matcher.group(8));
    String sign = "";
    String body;
    if (numeric) {
      boolean negative = NumberFormat.isNegative(Values.number(value));
      String plus =
          matcher.group(3) == null || matcher.group(3).equals("-") ? "" : matcher.group(3);
      sign = negative ? "-" : plus;
      body = number(value, type, precision, matcher.group(4) != null);
      body = matcher.group(7) == null ? body : grouped(body, matcher.group(7));
    } else {
      if (type != 0 && type != 's') {
        throw state.error("Unknown format code '" + type + "' for object of type 'str'");
      }
      body = Text.str(state, value);
      body =
          precision < 0 || PythonStrings.length(body) <= precision
              ? body
              : body.substring(0, body.offsetByCodePoints(0, precision));
    }
    return pad(matcher, sign, body, numeric);
  }

  private String number(Object value, char type, int precision, boolean alternate) {
    if (type == 0 && value instanceof Double number) {
      return precision < 0
          ? Text.number(Math.abs(number))
          : NumberFormat.magnitude(state, number, 'g', precision, alternate);
    }
    return switch (type) {
      case 0, 'd', 'x', 'X', 'o', 'b' -> {
        if (value instanceof Double) {
          throw state.error("Unknown format code '" + type + "' for object of type 'float'");
        }
        String prefix = alternate && type != 'd' && type != 0 ? "0" + type : "";
        yield prefix + NumberFormat.integer(Values.integer(state, value), type);
      }
      case 'e', 'E', 'f', 'F', 'g', 'G' ->
          NumberFormat.magnitude(state, Values.number(value), type, precision, alternate);
      case '%' ->
          NumberFormat.magnitude(state, Values.number(value) * 100, 'f', precision, alternate)
              + "%";
      default -> throw state.error("Unknown format code '" + type + "'");
    };
  }

  private static String grouped(String body, String separator) {
    int end = 0;
    while (end < body.length() && Character.digit(body.charAt(end), 10) >= 0) {
      end++;
    }
    StringBuilder out = new StringBuilder(body);
    for (int i = end - 3; i > 0; i -= 3) {
      out.insert(i, separator);
    }
    return out.toString();
  }

  private String pad(Matcher spec, String sign, String body, boolean numeric) {
    boolean zero = spec.group(5) != null && spec.group(2) == null;
    String align = spec.group(2) != null ? spec.group(2) : zero ? "=" : numeric ? ">" : "<";
    String fill = spec.group(1) != null ? spec.group(1) : zero ? "0" : " ";
    int width = spec.group(6) == null ? 0 : Integer.parseInt(spec.group(6));
    if (align.equals("=")) {
      return sign + PythonStrings.pad(state, body, width - (long) sign.length(), fill, true, false);
    }
    String text = sign + body;
    if (align.equals("^")) {
      int missing = Math.max(0, width - PythonStrings.length(text));
      String left = PythonStrings.pad(state, text, width - (missing + 1L) / 2, fill, true, false);
      return PythonStrings.pad(state, left, width, fill, false, true);
    }
    return PythonStrings.pad(state, text, width, fill, align.equals(">"), align.equals("<"));
  }
}
