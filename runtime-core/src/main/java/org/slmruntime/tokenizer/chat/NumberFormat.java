package org.slmruntime.tokenizer.chat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Numbers as C's printf and Python's format write them, without sign and padding. */
final class NumberFormat {
  /** A double has no more digits than this. */
  private static final int MAX_PRECISION = 1100;

  private NumberFormat() {}

  /**
   * @param type e, f or g in either case
   * @param precision digits after the point (e, f) or in all (g); -1 for 6
   * @param alternate keep trailing zeros in g, and a point where no digits follow
   */
  static String magnitude(
      RenderState state, double value, char type, int precision, boolean alternate) {
    if (precision > MAX_PRECISION) {
      throw state.error("precision " + precision + " is beyond the limit of " + MAX_PRECISION);
    }
    char lower = Character.toLowerCase(type);
    int digits = precision < 0 ? 6 : precision;
    String text;
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      text = Double.isNaN(value) ? "nan" : "inf";
    } else {
      state.characters(400 + digits);
      BigDecimal exact = new BigDecimal(Math.abs(value));
      text =
          switch (lower) {
            case 'f' -> exact.setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
            case 'e' -> scientific(exact, digits);
            default -> general(exact, Math.max(digits, 1), alternate);
          };
      if (alternate && text.indexOf('.') < 0) {
        int e = text.indexOf('e');
        text = e < 0 ? text + "." : text.substring(0, e) + "." + text.substring(e);
      }
    }
    return lower == type ? text : PythonStrings.upper(text);
  }

  private static String scientific(BigDecimal value, int digits) {
    BigDecimal rounded = value.round(new MathContext(digits + 1, RoundingMode.HALF_EVEN));
    int exponent = rounded.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
    String all = rounded.unscaledValue().toString();
    all = all + "0".repeat(Math.max(0, digits + 1 - all.length()));
    return all.charAt(0)
        + (digits > 0 ? "." + all.substring(1, digits + 1) : "")
        + Text.exponent(exponent);
  }

  private static String general(BigDecimal value, int digits, boolean keepZeros) {
    BigDecimal rounded = value.round(new MathContext(digits, RoundingMode.HALF_EVEN));
    int exponent = rounded.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
    if (exponent < -4 || exponent >= digits) {
      String text = scientific(value, digits - 1);
      int e = text.indexOf('e');
      return (keepZeros ? text.substring(0, e) : withoutZeros(text.substring(0, e)))
          + text.substring(e);
    }
    String text = rounded.setScale(digits - 1 - exponent, RoundingMode.HALF_EVEN).toPlainString();
    return keepZeros ? text : withoutZeros(text);
  }

  private static String withoutZeros(String text) {
    return text.indexOf('.') < 0
        ? text
        : PythonStrings.strip(PythonStrings.strip(text, "0", false, true), ".", false, true);
  }

  /** Digits of an integer's size; x, X, o, b or d. */
  static String integer(long value, char type) {
    String digits =
        switch (type) {
          case 'x', 'X' -> Long.toHexString(Math.abs(value));
          case 'o' -> Long.toOctalString(Math.abs(value));
          case 'b' -> Long.toBinaryString(Math.abs(value));
          default -> value < 0 ? Long.toString(value).substring(1) : Long.toString(value);
        };
    return type == 'X' ? PythonStrings.upper(digits) : digits;
  }

  static boolean isNegative(double value) {
    return value < 0 || value == 0 && 1 / value < 0;
  }
}
