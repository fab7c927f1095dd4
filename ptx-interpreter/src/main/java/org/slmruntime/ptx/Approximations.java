package org.slmruntime.ptx;

import java.util.function.DoubleUnaryOperator;

/**
 * Roots, reciprocals and transcendental functions. Those that a GPU only approximates are exact
 * here, or off at random by as much as the launch's options and the instruction allow.
 */
final class Approximations {
  private static final double LOG_2 = Math.log(2);

  private Approximations() {}

  static Instruction assemble(Form form, Operands o) {
    String mode = form.takeAny("approx", "rn", "rz", "rm", "rp");
    boolean flush = form.take("ftz");
    Type t = form.type();
    o.expect(2);
    int d = o.target(0, t);
    int a = o.source(1, t);
    if (!mode.equals("approx")) {
      return exact(form.base, mode, flush, t, d, a);
    }
    return new Approximate(function(form.base), form.base, t, flush, d, a, a);
  }

  static Instruction divide(Form form, Operands o) {
    boolean flush = form.take("ftz");
    Type t = form.type();
    o.expect(3);
    return new Approximate(null, "div", t, flush, o.target(0, t), o.source(1, t), o.source(2, t));
  }

  private static Instruction exact(String base, String mode, boolean flush, Type t, int d, int a) {
    boolean root = base.equals("sqrt");
    if (!mode.equals("rn") || !root && !base.equals("rcp")) {
      throw new PtxException("this rounding is not supported");
    }
    FloatFormat f = FloatFormat.of(t);
    return new Lanewise(
        (x, y, z) -> {
          double v = f.decode(x, flush);
          return Floats.finish(f, root ? Math.sqrt(v) : 1 / v, flush, false, false);
        },
        t.bits(),
        d,
        a,
        a,
        a);
  }

  private static DoubleUnaryOperator function(String base) {
    return switch (base) {
      case "sqrt" -> Math::sqrt;
      case "rcp" -> x -> 1 / x;
      case "rsqrt" -> x -> 1 / Math.sqrt(x);
      case "ex2" -> x -> x == Math.rint(x) ? Math.pow(2, x) : Math.exp(x * LOG_2);
      case "lg2" -> x -> Math.log(x) / LOG_2;
      case "sin" -> Math::sin;
      case "cos" -> Math::cos;
      default -> Math::tanh;
    };
  }

  private static final class Approximate extends Instruction {
    private final DoubleUnaryOperator function;
    private final String base;
    private final FloatFormat format;
    private final boolean packed;
    private final boolean flush;
    private final int d;
    private final int a;
    private final int b;

    Approximate(
        DoubleUnaryOperator function, String base, Type t, boolean flush, int d, int a, int b) {
      this.function = function;
      this.base = base;
      this.format = FloatFormat.of(t);
      this.packed = t.name().endsWith("x2");
      this.flush = flush;
      this.d = d;
      this.a = a;
      this.b = b;
    }

    @Override
    void run(Warp warp, int mask) {
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        long x = warp.get(a, lane);
        long y = warp.get(b, lane);
        long result = one(warp, x, y);
        if (packed) {
          result = result & 0xffff | one(warp, x >>> 16, y >>> 16) << 16;
        }
        warp.set(d, lane, result);
      }
    }

    private long one(Warp warp, long x, long y) {
      double v = format.decode(x, flush);
      double exact = function == null ? v / format.decode(y, flush) : function.applyAsDouble(v);
      PtxOptions options = warp.block.launch.options;
      int jitter = options.jitterUlps();
      double off = jitter == 0 ? exact : disturb(exact, jitter, seed(options.seed(), x, y));
      return Floats.finish(format, off, flush, false, false);
    }

    /** On one GPU the same operands always give the same result, and so they do under one seed. */
    private long seed(long seed, long x, long y) {
      return seed ^ x * 0x9e3779b97f4a7c15L ^ y * 0xc2b2ae3d27d4eb4fL ^ base.hashCode();
    }

    private double disturb(double exact, int jitter, long seed) {
      boolean powerOfZero = exact == 1 && base.equals("ex2");
      if (exact == 0 || powerOfZero || Float.isInfinite((float) exact) || Double.isNaN(exact)) {
        return exact;
      }
      double by = new Randomness(seed).symmetric();
      return switch (format) {
        case F64 -> exact * (1 + by * 0x1p-20);
        case F16 -> exact * (1 + by * 0x1p-10);
        case BF16 -> exact * (1 + by * 0x1p-7);
        case F32 ->
            switch (base) {
              case "tanh" -> exact * (1 + by * 0x1p-11);
              case "sin", "cos" -> exact + by * 0x1p-21;
              default -> exact + Math.rint(by * jitter) * Math.ulp((float) exact);
            };
      };
    }
  }
}
