package org.slmruntime.tokenizer.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Filters on numbers. */
final class NumberFilters {
  private static final Pattern FLOAT =
      Pattern.compile(
          "[+-]?(?:(?:\\d+(?:_\\d+)*)?\\.?(?:\\d+(?:_\\d+)*)?(?:[eE][+-]?\\d+(?:_\\d+)*)?"
              + "|(?i:inf|infinity|nan))");
  private static final int MAX_NUMBER_TEXT = 400;

  static final Map<String, Filters.Filter> ALL =
      Map.of(
          "abs", NumberFilters::abs,
          "int", NumberFilters::toInt,
          "float", NumberFilters::toFloat,
          "round", NumberFilters::round,
          "sum", NumberFilters::sum);

  private NumberFilters() {}

  private static Object abs(Interpreter in, Object value, CallArguments arguments) {
    arguments.bind(in.state(), "abs");
    if (!Values.isNumber(value)) {
      Values.refuseUndefined(in.state(), value);
      throw in.state().error("bad operand type for abs(): '" + Values.typeName(value) + "'");
    }
    boolean negative = NumberFormat.isNegative(Values.number(value));
    return negative ? Arithmetic.negate(in.state(), value) : Arithmetic.plus(in.state(), value);
  }

  private static Object toInt(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    CallArguments.Bound bound = arguments.bind(state, "int", "default?", "base?");
    Values.refuseUndefined(state, value);
    if (Values.isInteger(value)) {
      return Values.integer(state, value);
    }
    if (value instanceof String text) {
      Long parsed = parseInt(state, text, bound.integer(1, 10));
      if (parsed != null) {
        return parsed;
      }
    }
    Double number = number(value);
    return number == null || number.isNaN() || number.isInfinite()
        ? bound.get(0, 0L)
        : (Object) Arithmetic.toLong(state, number);
  }

  /** Null if the text is no integer of that base. */
  private static Long parseInt(RenderState state, String text, long base) {
    if (base != 0 && (base < 2 || base > 36)) {
      throw state.error("int() base must be >= 2 and <= 36, or 0");
    }
    String digits = PythonStrings.strip(text, null, true, true);
    if (digits.length() > MAX_NUMBER_TEXT) {
      return null;
    }
    String sign = digits.startsWith("-") || digits.startsWith("+") ? digits.substring(0, 1) : "";
    digits = PythonStrings.lower(digits.substring(sign.length()));
    int radix = (int) base;
    int prefixed =
        digits.startsWith("0x")
            ? 16
            : digits.startsWith("0o") ? 8 : digits.startsWith("0b") ? 2 : 0;
    if (prefixed != 0 && (base == 0 || base == prefixed)) {
      digits = digits.substring(digits.startsWith("_", 2) ? 3 : 2);
      radix = prefixed;
    } else if (base == 0) {
      radix = 10;
    }
    if (digits.isEmpty()
        || digits.startsWith("_")
        || digits.endsWith("_")
        || digits.contains("__")) {
      return null;
    }
    return parse(state, sign, digits.replace("_", ""), radix);
  }

  private static Long parse(RenderState state, String sign, String digits, int radix) {
    for (int i = 0; i < digits.length(); i++) {
      if (Character.digit(digits.charAt(i), radix) < 0) {
        return null;
      }
    }
    BigInteger number = new BigInteger((sign.equals("-") ? "-" : "") + digits, radix);
    if (number.bitLength() > 63) {
      throw state.error("integer " + number + " does not fit 64 bits");
    }
    return number.longValue();
  }

  private static Object toFloat(Interpreter in, Object value, CallArguments arguments) {
    CallArguments.Bound bound = arguments.bind(in.state(), "float", "default?");
    Values.refuseUndefined(in.state(), value);
    Double number = number(value);
    return number == null ? bound.get(0, 0.0) : number;
  }

  /** Null if Python's float() would not take it. */
  private static Double number(Object value) {
    if (Values.isNumber(value)) {
      return Values.number(value);
    }
    if (!(value instanceof String text) || text.length() > MAX_NUMBER_TEXT) {
      return null;
    }
    String digits = PythonStrings.strip(text, null, true, true);
    if (!FLOAT.matcher(digits).matches() || digits.chars().noneMatch(Character::isLetterOrDigit)) {
      return null;
    }
    String lower = PythonStrings.lower(digits);
    String unsigned = PythonStrings.strip(lower, "+-", true, false);
    if (unsigned.equals("nan")) {
      return Double.NaN;
    }
    if (unsigned.startsWith("inf")) {
      return lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    try {
      return Double.valueOf(lower.replace("_", ""));
    } catch (NumberFormatException _) {
      return null;
    }
  }

  private static Object round(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    CallArguments.Bound bound = arguments.bind(state, "round", "precision?", "method?");
    int precision = Math.clamp(bound.integer(0, 0), -400, 400);
    String method = bound.text(1, "common");
    Values.refuseUndefined(state, value);
    if (!Values.isNumber(value)) {
      throw state.error("type " + Values.typeName(value) + " doesn't define __round__ method");
    }
    return switch (method) {
      case "common" -> common(state, value, precision);
      case "ceil" -> scaled(state, value, precision, true);
      case "floor" -> scaled(state, value, precision, false);
      default -> throw state.error("method must be common, ceil or floor");
    };
  }

  private static Object common(RenderState state, Object value, int precision) {
    if (!(value instanceof Double number)) {
      BigDecimal exact = BigDecimal.valueOf(Values.integer(state, value));
      return precision >= 0
          ? Values.integer(state, value)
          : (Object)
              Arithmetic.toLong(
                  state, exact.setScale(precision, RoundingMode.HALF_EVEN).doubleValue());
    }
    if (number.isNaN() || number.isInfinite()) {
      return number;
    }
    double rounded =
        new BigDecimal(number).setScale(precision, RoundingMode.HALF_EVEN).doubleValue();
    return Math.copySign(rounded, number);
  }

  /** Rounds up or down after scaling in floating point, with what that loses, as Jinja does. */
  private static Object scaled(RenderState state, Object value, int precision, boolean up) {
    double scale = Math.pow(10, precision);
    double product = Values.number(value) * scale;
    if (Double.isNaN(product) || Double.isInfinite(product)) {
      throw state.error("cannot convert float " + Text.number(product) + " to integer");
    }
    return (up ? Math.ceil(product) : Math.floor(product)) / scale;
  }

  private static Object sum(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    CallArguments.Bound bound = arguments.bind(state, "sum", "attribute?", "start?");
    Attributes attributes = Attributes.of(state, bound.get(0, null), null);
    List<Object> items = Values.iterate(state, value);
    Object sum = bound.get(1, 0L);
    if (sum instanceof String) {
      throw state.error("sum() can't sum strings [use ''.join(seq) instead]");
    }
    for (Object item : items) {
      state.step();
      sum = Arithmetic.binary(state, "+", sum, attributes.get(item));
    }
    return sum;
  }
}
