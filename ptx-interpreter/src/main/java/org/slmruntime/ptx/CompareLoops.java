package org.slmruntime.ptx;

/** The comparisons of {@link Comparisons}, all lanes at once. */
final class CompareLoops {
  private CompareLoops() {}

  /** Compares two values seen as 64 bits. */
  private interface LongTest {
    boolean test(long a, long b);
  }

  private interface DoubleTest {
    boolean test(double a, double b);
  }

  private interface IntTest {
    int test(int[] a, int[] b);
  }

  /**
   * @param shift where the value begins in its register, for packed halves
   */
  static Comparisons.Test of(String operator, Type t, boolean flush, int shift) {
    if (t.isFloat()) {
      return floats(operator, t, flush, shift);
    }
    IntTest fast = t.bits() == 32 ? narrow(operator, t) : null;
    if (fast != null) {
      return (warp, a, b) -> fast.test(warp.narrow[a], warp.narrow[b]);
    }
    LongTest test = integers(operator, t);
    return (warp, a, b) -> {
      int result = 0;
      for (int i = 0; i < 32; i++) {
        result |= test.test(warp.get(a, i), warp.get(b, i)) ? 1 << i : 0;
      }
      return result;
    };
  }

  private static Comparisons.Test floats(String operator, Type t, boolean flush, int shift) {
    IntTest fast = t.is("f32") && !flush ? narrowFloats(operator) : null;
    if (fast != null) {
      return (warp, a, b) -> fast.test(warp.narrow[a], warp.narrow[b]);
    }
    DoubleTest test = doubles(operator);
    FloatFormat format = FloatFormat.of(t);
    return (warp, a, b) -> {
      int result = 0;
      for (int i = 0; i < 32; i++) {
        double x = format.decode(warp.get(a, i) >>> shift, flush);
        double y = format.decode(warp.get(b, i) >>> shift, flush);
        result |= test.test(x, y) ? 1 << i : 0;
      }
      return result;
    };
  }

  private static IntTest narrow(String operator, Type t) {
    boolean signed = t.isSigned();
    return switch (operator) {
      case "eq" -> CompareLoops::equal;
      case "ne" -> (a, b) -> ~equal(a, b);
      case "lt", "lo" -> signed ? CompareLoops::less : CompareLoops::below;
      case "ge", "hs" -> signed ? (a, b) -> ~less(a, b) : (a, b) -> ~below(a, b);
      case "gt", "hi" -> signed ? (a, b) -> less(b, a) : (a, b) -> below(b, a);
      case "le", "ls" -> signed ? (a, b) -> ~less(b, a) : (a, b) -> ~below(b, a);
      default -> null;
    };
  }

  private static IntTest narrowFloats(String operator) {
    return switch (operator) {
      case "lt" -> CompareLoops::lessFloats;
      case "gt" -> (a, b) -> lessFloats(b, a);
      case "le" -> CompareLoops::lessOrEqualFloats;
      case "ge" -> (a, b) -> lessOrEqualFloats(b, a);
      case "geu" -> (a, b) -> ~lessFloats(a, b);
      case "leu" -> (a, b) -> ~lessFloats(b, a);
      case "gtu" -> (a, b) -> ~lessOrEqualFloats(a, b);
      case "ltu" -> (a, b) -> ~lessOrEqualFloats(b, a);
      default -> null;
    };
  }

  private static int lessFloats(int[] a, int[] b) {
    int result = 0;
    for (int i = 0; i < 32; i++) {
      result |= (Float.intBitsToFloat(a[i]) < Float.intBitsToFloat(b[i]) ? 1 : 0) << i;
    }
    return result;
  }

  private static int lessOrEqualFloats(int[] a, int[] b) {
    int result = 0;
    for (int i = 0; i < 32; i++) {
      result |= (Float.intBitsToFloat(a[i]) <= Float.intBitsToFloat(b[i]) ? 1 : 0) << i;
    }
    return result;
  }

  private static int equal(int[] a, int[] b) {
    int result = 0;
    for (int i = 0; i < 32; i++) {
      result |= (a[i] == b[i] ? 1 : 0) << i;
    }
    return result;
  }

  private static int less(int[] a, int[] b) {
    int result = 0;
    for (int i = 0; i < 32; i++) {
      result |= (a[i] < b[i] ? 1 : 0) << i;
    }
    return result;
  }

  private static int below(int[] a, int[] b) {
    int result = 0;
    for (int i = 0; i < 32; i++) {
      result |= (a[i] + Integer.MIN_VALUE < b[i] + Integer.MIN_VALUE ? 1 : 0) << i;
    }
    return result;
  }

  private static LongTest integers(String operator, Type t) {
    return switch (operator) {
      case "eq" -> (a, b) -> a == b;
      case "ne" -> (a, b) -> a != b;
      case "lt", "lo" -> (a, b) -> Integers.less(a, b, t);
      case "ge", "hs" -> (a, b) -> !Integers.less(a, b, t);
      case "gt", "hi" -> (a, b) -> Integers.less(b, a, t);
      case "le", "ls" -> (a, b) -> !Integers.less(b, a, t);
      default -> throw new PtxException("comparison ." + operator + " is unknown for " + t.name());
    };
  }

  private static DoubleTest doubles(String operator) {
    return switch (operator) {
      case "eq" -> (a, b) -> a == b;
      case "ne" -> (a, b) -> a < b || a > b;
      case "lt" -> (a, b) -> a < b;
      case "le" -> (a, b) -> a <= b;
      case "gt" -> (a, b) -> a > b;
      case "ge" -> (a, b) -> a >= b;
      case "equ" -> (a, b) -> !(a < b || a > b);
      case "neu" -> (a, b) -> a != b;
      case "ltu" -> (a, b) -> !(a >= b);
      case "leu" -> (a, b) -> !(a > b);
      case "gtu" -> (a, b) -> !(a <= b);
      case "geu" -> (a, b) -> !(a < b);
      case "num" -> (a, b) -> !Double.isNaN(a) && !Double.isNaN(b);
      case "nan" -> (a, b) -> Double.isNaN(a) || Double.isNaN(b);
      default -> throw new PtxException("comparison ." + operator + " is unknown for floats");
    };
  }
}
