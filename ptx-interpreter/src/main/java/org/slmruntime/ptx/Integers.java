package org.slmruntime.ptx;

/** Integer arithmetic. */
final class Integers {
  private Integers() {}

  /** Null if the base is of another family. */
  static Instruction assemble(Form form, Operands o) {
    return switch (form.base) {
      case "add", "sub", "min", "max", "div", "rem" -> binary(form, o);
      case "mul", "mul24" -> multiply(form, o, false);
      case "mad", "mad24" -> multiply(form, o, true);
      case "abs", "neg" -> unary(form, o);
      case "sad" -> sad(form, o);
      case "dp4a", "dp2a" -> DotProducts.assemble(form, o);
      default -> null;
    };
  }

  private static Instruction binary(Form form, Operands o) {
    boolean saturate = form.take("sat");
    boolean carryOut = form.take("cc");
    Type t = form.type();
    o.expect(3);
    int d = o.target(0, t);
    int a = o.source(1, t);
    int b = o.source(2, t);
    if (carryOut) {
      throw new PtxException("carries are not supported");
    }
    if (saturate) {
      int sign = form.base.equals("add") ? 1 : -1;
      return new Lanewise((x, y, z) -> clamp((int) x + sign * (long) (int) y), 32, d, a, b, b);
    }
    Instruction fast = t.bits() == 32 ? narrow(form.base, t, d, a, b) : null;
    if (t.bits() == 64) {
      fast = wide(form.base, d, a, b);
    }
    return fast != null ? fast : new Lanewise(function(form.base, t), t.bits(), d, a, b, b);
  }

  static long clamp(long x) {
    return Math.clamp(x, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  private static Instruction narrow(String base, Type t, int d, int a, int b) {
    Narrow.Loop loop =
        switch (base) {
          case "add" -> IntegerLoops.ADD;
          case "sub" -> IntegerLoops.SUB;
          case "min" -> t.isSigned() ? IntegerLoops.MIN : null;
          case "max" -> t.isSigned() ? IntegerLoops.MAX : null;
          default -> null;
        };
    return loop == null ? null : new Narrow(loop, d, a, b, b);
  }

  private static Instruction wide(String base, int d, int a, int b) {
    return switch (base) {
      case "add" -> new Wide(IntegerLoops.ADD_WIDE, d, a, b, b);
      case "sub" -> new Wide(IntegerLoops.SUB_WIDE, d, a, b, b);
      default -> null;
    };
  }

  private static Lanewise.Function function(String base, Type t) {
    return switch (base) {
      case "add" -> (a, b, c) -> a + b;
      case "sub" -> (a, b, c) -> a - b;
      case "min" -> (a, b, c) -> less(a, b, t) ? a : b;
      case "max" -> (a, b, c) -> less(a, b, t) ? b : a;
      case "div" -> (a, b, c) -> divide(a, b, t);
      default -> (a, b, c) -> remainder(a, b, t);
    };
  }

  static boolean less(long a, long b, Type t) {
    return t.isSigned() ? t.signed(a) < t.signed(b) : Long.compareUnsigned(a, b) < 0;
  }

  /** All ones for a division by zero, as GPUs answer. */
  private static long divide(long a, long b, Type t) {
    if (b == 0) {
      return -1;
    }
    return t.isSigned() ? t.signed(a) / t.signed(b) : Long.divideUnsigned(a, b);
  }

  private static long remainder(long a, long b, Type t) {
    if (b == 0) {
      return a;
    }
    return t.isSigned() ? t.signed(a) % t.signed(b) : Long.remainderUnsigned(a, b);
  }

  private static Instruction unary(Form form, Operands o) {
    Type t = form.type();
    o.expect(2);
    int d = o.target(0, t);
    int a = o.source(1, t);
    boolean abs = form.base.equals("abs");
    return new Lanewise((x, y, z) -> abs && t.signed(x) >= 0 ? x : -x, t.bits(), d, a, a, a);
  }

  private static Instruction sad(Form form, Operands o) {
    Type t = form.type();
    o.expect(4);
    int d = o.target(0, t);
    return new Lanewise(
        (a, b, c) -> c + (less(a, b, t) ? b - a : a - b),
        t.bits(),
        d,
        o.source(1, t),
        o.source(2, t),
        o.source(3, t));
  }

  private static Instruction multiply(Form form, Operands o, boolean add) {
    boolean short24 = form.base.endsWith("24");
    String part = form.takeAny("lo", "hi", "wide");
    boolean saturate = form.take("sat");
    Type t = form.type();
    Type result = part.equals("wide") ? Type.of(t.kind() + "" + 2 * t.bits()) : t;
    o.expect(add ? 4 : 3);
    int d = o.target(0, result);
    int a = o.source(1, t);
    int b = o.source(2, t);
    if (part.isEmpty() || short24) {
      throw new PtxException("this product is not supported");
    }
    int c = add ? o.source(3, result) : o.constant(0, result.bits() == 64);
    if (saturate) {
      return new Lanewise(
          (x, y, z) -> clamp(((int) x * (long) (int) y >> 32) + (int) z), 32, d, a, b, c);
    }
    Instruction fast = fastMultiply(part, t, add, d, a, b, c);
    return fast != null ? fast : new Lanewise(product(part, t), result.bits(), d, a, b, c);
  }

  private static Instruction fastMultiply(
      String part, Type t, boolean add, int d, int a, int b, int c) {
    if (t.bits() == 32 && part.equals("lo")) {
      return new Narrow(add ? IntegerLoops.MAD : IntegerLoops.MUL, d, a, b, c);
    }
    if (t.bits() == 32 && part.equals("wide")) {
      return new Widening(
          t.isSigned() ? IntegerLoops.MAD_SIGNED : IntegerLoops.MAD_UNSIGNED, d, a, b, c);
    }
    if (t.bits() == 64 && part.equals("lo")) {
      return new Wide(IntegerLoops.MAD_WIDE, d, a, b, c);
    }
    return null;
  }

  private static Lanewise.Function product(String part, Type t) {
    if (!part.equals("hi")) {
      return (a, b, c) -> t.normalize(a) * t.normalize(b) + c;
    }
    if (t.bits() < 64) {
      return (a, b, c) -> (t.normalize(a) * t.normalize(b) >> t.bits()) + c;
    }
    return t.isSigned()
        ? (a, b, c) -> Math.multiplyHigh(a, b) + c
        : (a, b, c) -> Math.unsignedMultiplyHigh(a, b) + c;
  }
}
