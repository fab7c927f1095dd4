package org.slmruntime.ptx;

/** Number literals. */
final class Numbers {
  private Numbers() {}

  /** Parses a number: kind i for integers, f for 32-bit and d for 64-bit floats. */
  static Operand.Immediate parse(Token token) {
    String s = token.text();
    if (token.kind() != Token.Kind.NUMBER) {
      throw TokenReader.error(token, "expected a number but found '" + s + "'");
    }
    try {
      if (s.startsWith("0f") || s.startsWith("0F")) {
        return new Operand.Immediate(Integer.parseUnsignedInt(s, 2, s.length(), 16), 'f');
      }
      if (s.startsWith("0d") || s.startsWith("0D")) {
        return new Operand.Immediate(Long.parseUnsignedLong(s, 2, s.length(), 16), 'd');
      }
      if (s.indexOf('.') >= 0) {
        return new Operand.Immediate(Double.doubleToRawLongBits(Double.parseDouble(s)), 'd');
      }
      return new Operand.Immediate(integer(s), 'i');
    } catch (NumberFormatException e) {
      throw TokenReader.error(token, "number '" + s + "' not understood");
    }
  }

  private static long integer(String literal) {
    String s = literal.endsWith("U") ? literal.substring(0, literal.length() - 1) : literal;
    if (s.startsWith("0x") || s.startsWith("0X")) {
      return Long.parseUnsignedLong(s, 2, s.length(), 16);
    }
    if (s.startsWith("0b") || s.startsWith("0B")) {
      return Long.parseUnsignedLong(s, 2, s.length(), 2);
    }
    if (s.length() > 1 && s.startsWith("0")) {
      return Long.parseUnsignedLong(s, 1, s.length(), 8);
    }
    return Long.parseUnsignedLong(s);
  }
}
