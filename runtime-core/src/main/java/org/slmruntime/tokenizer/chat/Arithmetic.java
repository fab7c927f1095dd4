package org.slmruntime.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;

/** Python's arithmetic. Integers have 64 bits here; more is an error. */
final class Arithmetic {
  private Arithmetic() {}

  static Object binary(RenderState state, String operator, Object a, Object b) {
    if (Values.isNumber(a) && Values.isNumber(b)) {
      return Values.isInteger(a) && Values.isInteger(b)
          ? integers(state, operator, Values.integer(state, a), Values.integer(state, b))
          : floats(state, operator, Values.number(a), Values.number(b));
    }
    Object result =
        switch (operator) {
          case "+" -> plus(state, a, b);
          case "*" ->
              Values.isInteger(a)
                  ? repeat(state, b, Values.integer(state, a))
                  : Values.isInteger(b) ? repeat(state, a, Values.integer(state, b)) : null;
          case "%" -> a instanceof String text ? PercentFormat.format(state, text, b) : null;
          default -> null;
        };
    if (result == null) {
      Values.refuseUndefined(state, a, b);
      throw state.error(
          "unsupported operand type(s) for "
              + operator
              + ": '"
              + Values.typeName(a)
              + "' and '"
              + Values.typeName(b)
              + "'");
    }
    return result;
  }

  private static Object plus(RenderState state, Object a, Object b) {
    if (a instanceof String x && b instanceof String y) {
      state.characters(x.length() + (long) y.length());
      return x + y;
    }
    if (a instanceof List<?> x
        && b instanceof List<?> y
        && x instanceof Tuple == y instanceof Tuple
        && !(x instanceof Range || y instanceof Range)) {
      state.elements(x.size() + (long) y.size());
      List<Object> sum = new ArrayList<>(x.size() + y.size());
      sum.addAll(x);
      sum.addAll(y);
      return x instanceof Tuple ? new Tuple(sum) : sum;
    }
    return null;
  }

  private static Object repeat(RenderState state, Object value, long times) {
    long count = Math.max(0, times);
    if (value instanceof String text) {
      state.characters(product(state, text.length(), count));
      return text.isEmpty() ? "" : text.repeat((int) count);
    }
    if (!(value instanceof List<?> list) || value instanceof Range) {
      return null;
    }
    state.elements(product(state, list.size(), count));
    List<Object> all = new ArrayList<>();
    for (long i = 0; i < count && !list.isEmpty(); i++) {
      all.addAll(list);
    }
    return value instanceof Tuple ? new Tuple(all) : all;
  }

  private static long product(RenderState state, long size, long count) {
    try {
      return Math.multiplyExact(size, count);
    } catch (ArithmeticException _) {
      throw state.error("a value of size " + size + " repeated " + count + " times is too large");
    }
  }

  private static Object integers(RenderState state, String operator, long a, long b) {
    try {
      return switch (operator) {
        case "+" -> Math.addExact(a, b);
        case "-" -> Math.subtractExact(a, b);
        case "*" -> Math.multiplyExact(a, b);
        case "/" -> {
          checkDivisor(state, b);
          yield (double) a / b;
        }
        case "//" -> {
          checkDivisor(state, b);
          yield Math.floorDivExact(a, b);
        }
        case "%" -> {
          checkDivisor(state, b);
          yield Math.floorMod(a, b);
        }
        default -> b < 0 ? (Object) power(state, a, b) : power(a, b);
      };
    } catch (ArithmeticException _) {
      throw state.error("integer overflow in " + a + " " + operator + " " + b);
    }
  }

  /** By repeated squaring; an overflow is an {@link ArithmeticException}. */
  private static long power(long base, long exponent) {
    long result = 1;
    long square = base;
    for (long rest = exponent; rest > 0; rest >>= 1) {
      if ((rest & 1) == 1) {
        result = Math.multiplyExact(result, square);
      }
      if (rest > 1) {
        square = Math.multiplyExact(square, square);
      }
    }
    return result;
  }

  private static Object floats(RenderState state, String operator, double a, double b) {
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> {
        checkDivisor(state, b);
        yield a / b;
      }
      case "//" -> {
        checkDivisor(state, b);
        double quotient = (a - modulo(a, b)) / b;
        double floor = Math.floor(quotient);
        yield quotient - floor > 0.5 ? floor + 1 : floor;
      }
      case "%" -> {
        checkDivisor(state, b);
        yield modulo(a, b);
      }
      default -> power(state, a, b);
    };
  }

  /** The remainder with the divisor's sign. */
  private static double modulo(double a, double b) {
    double remainder = a % b;
    if (remainder == 0) {
      return Math.copySign(0, b);
    }
    return remainder < 0 != b < 0 ? remainder + b : remainder;
  }

  private static double power(RenderState state, double a, double b) {
    if (a == 0 && b < 0) {
      throw state.error("zero cannot be raised to a negative power");
    }
    double result = Math.pow(a, b);
    if (Double.isNaN(result) && !Double.isNaN(a) && !Double.isNaN(b)) {
      throw state.error("complex numbers are not supported");
    }
    if (Double.isInfinite(result) && !Double.isInfinite(a) && !Double.isInfinite(b)) {
      throw state.error("a float power is too large");
    }
    return result;
  }

  private static void checkDivisor(RenderState state, double divisor) {
    if (divisor == 0) {
      throw state.error("division by zero");
    }
  }

  static Object negate(RenderState state, Object value) {
    if (value instanceof Double number) {
      return -number;
    }
    Values.refuseUndefined(state, value);
    if (!Values.isInteger(value)) {
      throw state.error("bad operand type for unary -: '" + Values.typeName(value) + "'");
    }
    return integers(state, "-", 0, Values.integer(state, value));
  }

  static Object plus(RenderState state, Object value) {
    Values.refuseUndefined(state, value);
    if (!Values.isNumber(value)) {
      throw state.error("bad operand type for unary +: '" + Values.typeName(value) + "'");
    }
    return value instanceof Boolean ? Values.integer(state, value) : value;
  }

  /** A float cut to an integer. */
  static long toLong(RenderState state, double number) {
    if (!(Math.abs(number) < 0x1p63)) {
      throw state.error("float " + Text.number(number) + " does not fit an integer");
    }
    return (long) number;
  }
}
