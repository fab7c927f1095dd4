package org.slmruntime.ptx;

/** Floating point arithmetic. */
final class Floats {
  private Floats() {}

  /** An operation in double precision, whose rounded result is that of the narrower format. */
  private interface Operation {
    double apply(double a, double b, double c);
  }

  /** Null if the base is of another family. */
  static Instruction assemble(Form form, Operands o) {
    return switch (form.base) {
      case "add", "sub", "mul", "div" -> arithmetic(form, o, 3);
      case "fma", "mad" -> arithmetic(form, o, 4);
      case "min", "max" -> extreme(form, o);
      case "neg", "abs" -> sign(form, o);
      case "copysign" -> copySign(form, o);
      case "testp" -> throw new PtxException("testp is not supported");
      case "sqrt", "rcp", "rsqrt", "ex2", "lg2", "sin", "cos", "tanh" ->
          Approximations.assemble(form, o);
      default -> null;
    };
  }

  private static Instruction arithmetic(Form form, Operands o, int count) {
    if (form.base.equals("div") && !form.takeAny("approx", "full").isEmpty()) {
      return Approximations.divide(form, o);
    }
    String mode = form.takeAny("rn", "rz", "rm", "rp");
    boolean flush = form.take("ftz");
    boolean saturate = form.take("sat");
    boolean relu = form.take("relu");
    Type t = form.type();
    o.expect(count);
    int d = o.target(0, t);
    int a = o.source(1, t);
    int b = o.source(2, t);
    int c = count == 4 ? o.source(3, t) : o.constant(0, t.bits() == 64);
    boolean nearest = mode.isEmpty() || mode.equals("rn");
    if (t.is("f32") && nearest && !flush && !saturate) {
      return new Narrow(FloatLoops.of(form.base), d, a, b, c);
    }
    FloatFormat format = FloatFormat.of(t);
    if (!nearest) {
      return new Lanewise(directed(form.base, t, mode, flush), t.bits(), d, a, b, c);
    }
    Operation f = operation(form.base, format);
    Lanewise.Function scalar =
        (x, y, z) -> {
          double r =
              f.apply(format.decode(x, flush), format.decode(y, flush), format.decode(z, flush));
          return finish(format, r, flush, saturate, relu);
        };
    return new Lanewise(packed(t, scalar), t.bits(), d, a, b, c);
  }

  private static Operation operation(String base, FloatFormat format) {
    return switch (base) {
      case "add" -> (a, b, c) -> a + b;
      case "sub" -> (a, b, c) -> a - b;
      case "mul" -> (a, b, c) -> a * b;
      case "div" -> (a, b, c) -> a / b;
      default ->
          switch (format) {
            case F64 -> Math::fma;
            case F32 -> (a, b, c) -> Math.fma((float) a, (float) b, (float) c);
            case F16, BF16 -> (a, b, c) -> sumToOdd(a * b, c);
          };
    };
  }

  /** A sum that rounds to less than 53 bits as the exact one would: odd unless it is exact. */
  private static double sumToOdd(double a, double b) {
    double s = a + b;
    double part = s - a;
    double error = a - (s - part) + (b - part);
    long bits = Double.doubleToRawLongBits(s);
    if (error == 0 || !Double.isFinite(s) || (bits & 1) == 1) {
      return s;
    }
    return error > 0 ? Math.nextUp(s) : Math.nextDown(s);
  }

  static long finish(FloatFormat f, double x, boolean flush, boolean saturate, boolean relu) {
    if (saturate) {
      return f.round(x > 0 ? Math.min(x, 1) : 0);
    }
    long rounded = f.round(relu && x < 0 ? 0 : x);
    return flush ? f.round(f.flush(f.decode(rounded))) : rounded;
  }

  /** The function on both halves of a packed type, on the value itself of others. */
  static Lanewise.Function packed(Type t, Lanewise.Function f) {
    if (!t.name().endsWith("x2")) {
      return f;
    }
    return (x, y, z) ->
        f.apply(x & 0xffff, y & 0xffff, z & 0xffff) | f.apply(x >>> 16, y >>> 16, z >>> 16) << 16;
  }

  /** Sum, product or both in one, rounded to a direction. */
  private static Lanewise.Function directed(String base, Type t, String mode, boolean flush) {
    FloatFormat f = FloatFormat.F32;
    if (!t.is("f32") || base.equals("div")) {
      throw new PtxException("rounding ." + mode + " is not supported for it");
    }
    return (x, y, z) -> {
      double a = f.decode(x, flush);
      double b = f.decode(y, flush);
      double c = f.decode(z, flush);
      long r =
          switch (base) {
            case "add" -> sum(a, b, mode);
            case "sub" -> sum(a, -b, mode);
            case "mul" -> f.round(a * b, 0, mode);
            default -> sum(a * b, c, mode);
          };
      return flush ? f.round(f.flush(f.decode(r))) : r;
    };
  }

  /** The error of a sum of doubles is a double: with it, the direction is exact. */
  private static long sum(double a, double b, String mode) {
    double s = a + b;
    double part = s - a;
    double error = a - (s - part) + (b - part);
    if (s == 0
        && error == 0
        && mode.equals("rm")
        && !(a == 0 && b == 0 && 1 / a > 0 && 1 / b > 0)) {
      return 0x80000000L;
    }
    return FloatFormat.F32.round(s, Double.isFinite(s) ? error : 0, mode);
  }

  private static Instruction extreme(Form form, Operands o) {
    boolean flush = form.take("ftz");
    boolean propagate = form.take("NaN");
    Type t = form.type();
    o.expect(3, 4);
    boolean min = form.base.equals("min");
    int d = o.target(0, t);
    int a = o.source(1, t);
    int b = o.source(2, t);
    if (o.count() == 4) {
      throw new PtxException("three operands are not supported");
    }
    if (t.is("f32") && !flush && propagate && !min) {
      return new Narrow(FloatLoops.MAX_NAN, d, a, b, b);
    }
    if (t.is("f32") && !flush && !propagate) {
      return new Narrow(min ? FloatLoops.MIN : FloatLoops.MAX, d, a, b, b);
    }
    FloatFormat f = FloatFormat.of(t);
    Lanewise.Function scalar =
        (x, y, z) -> f.round(extreme(min, f.decode(x, flush), f.decode(y, flush), propagate));
    return new Lanewise(packed(t, scalar), t.bits(), d, a, b, b);
  }

  private static double extreme(boolean min, double a, double b, boolean propagate) {
    if (!propagate && (Double.isNaN(a) || Double.isNaN(b))) {
      return Double.isNaN(a) ? b : a;
    }
    return min ? Math.min(a, b) : Math.max(a, b);
  }

  private static Instruction sign(Form form, Operands o) {
    boolean flush = form.take("ftz");
    Type t = form.type();
    FloatFormat f = FloatFormat.of(t);
    o.expect(2);
    int d = o.target(0, t);
    int a = o.source(1, t);
    long sign = 1L << f.bits - 1;
    boolean neg = form.base.equals("neg");
    if (t.is("f32") && !flush) {
      return new Narrow(neg ? FloatLoops.NEG : FloatLoops.ABS, d, a, a, a);
    }
    Lanewise.Function scalar =
        (x, y, z) -> {
          boolean zero = flush && f.flush(f.decode(x)) == 0;
          long value = zero ? x & sign : x;
          return neg ? value ^ sign : value & ~sign;
        };
    return new Lanewise(packed(t, scalar), t.bits(), d, a, a, a);
  }

  private static Instruction copySign(Form form, Operands o) {
    Type t = form.type();
    o.expect(3);
    long sign = 1L << t.bits() - 1;
    int d = o.target(0, t);
    int a = o.source(1, t);
    int b = o.source(2, t);
    return new Lanewise((x, y, z) -> x & sign | y & ~sign, t.bits(), d, a, b, b);
  }
}
