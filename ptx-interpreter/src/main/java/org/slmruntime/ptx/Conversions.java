package org.slmruntime.ptx;

/** cvt. */
final class Conversions {
  private Conversions() {}

  static Instruction assemble(Form form, Operands o) {
    String mode = form.takeAny("rna", "rni", "rzi", "rmi", "rpi", "rn", "rz", "rm", "rp");
    boolean relu = form.take("relu");
    boolean flush = form.take("ftz");
    boolean saturate = form.take("sat");
    Type to = form.type();
    Type from = form.type();
    boolean packs = to.name().endsWith("x2");
    o.expect(packs ? 3 : 2);
    int d = o.target(0, to);
    int a = o.source(1, from);
    int b = packs ? o.source(2, from) : a;
    int bits = o.get(0) instanceof Operand.Register r ? r.type().bits() : to.bits();
    boolean plain = !saturate && !flush && !relu && !o.isWide(a) && !o.isWide(d);
    Narrow.Loop fast = !plain ? null : fast(to, from, mode, bits);
    if (fast != null) {
      return new Narrow(fast, d, a, b, a);
    }
    boolean integers = !from.isFloat() && !to.isFloat();
    if (integers
        && !saturate
        && bits == 32
        && to.bits() == 32
        && o.isWide(a)
        && from.bits() >= 32) {
      return new Narrowing(d, a);
    }
    if (bits == 64 && !o.isWide(a) && from.bits() == 32 && !from.isFloat() && !to.isFloat()) {
      int zero = o.constant(0, true);
      return new Widening(
          from.isSigned() ? IntegerLoops.EXTEND : IntegerLoops.EXTEND_UNSIGNED, d, a, a, zero);
    }
    Lanewise.Function f = function(to, from, mode, flush, saturate, relu);
    if (packs) {
      Lanewise.Function both = (x, y, z) -> f.apply(x, 0, 0) << 16 | f.apply(y, 0, 0) & 0xffff;
      return new Lanewise(both, 32, d, a, b, b);
    }
    return new Lanewise(f, bits, d, a, a, a);
  }

  private static Narrow.Loop fast(Type to, Type from, String mode, int bits) {
    return switch (to.name() + "." + from.name()) {
      case "f32.f16" -> FloatLoops.FROM_HALF;
      case "f32.s32" -> mode.equals("rn") ? FloatLoops.FROM_SIGNED : null;
      case "f16.f32" -> mode.equals("rn") ? FloatLoops.TO_HALF : null;
      case "f16x2.f32" -> mode.equals("rn") ? FloatLoops.TO_HALVES : null;
      case "u16.u32", "u32.u16" -> IntegerLoops.LOW_16;
      case "u32.s32", "s32.u32" -> bits == 32 ? IntegerLoops.COPY : null;
      default -> null;
    };
  }

  private static Lanewise.Function function(
      Type to, Type from, String mode, boolean flush, boolean saturate, boolean relu) {
    if (to.is("tf32")) {
      return (x, y, z) -> x + 0x1000 & ~0x1fffL;
    }
    if (!to.isFloat() && !from.isFloat()) {
      return (x, y, z) -> integer(x, to, from, saturate);
    }
    if (!from.isFloat()) {
      return fromInteger(to, from, mode, saturate);
    }
    if (!to.isFloat()) {
      FloatFormat f = FloatFormat.of(from);
      return (x, y, z) -> toInteger(integral(f.decode(x, flush), mode), to, f);
    }
    return floats(FloatFormat.of(to), FloatFormat.of(from), mode, flush, saturate, relu);
  }

  private static long integer(long x, Type to, Type from, boolean saturate) {
    long value = from.normalize(x);
    if (!saturate) {
      return to.normalize(value);
    }
    boolean huge = !from.isSigned() && value < 0;
    long max = to.isSigned() ? -1L >>> 65 - to.bits() : -1L >>> 64 - to.bits();
    long min = to.isSigned() ? ~max : 0;
    if (huge || Long.compareUnsigned(value, max) > 0 && value > 0) {
      return max;
    }
    return value < min ? min : value;
  }

  private static Lanewise.Function fromInteger(Type to, Type from, String mode, boolean saturate) {
    FloatFormat f = FloatFormat.of(to);
    if (from.bits() == 64 && !mode.equals("rn")) {
      throw new PtxException("this rounding is not supported for 64-bit integers");
    }
    if (from.bits() == 64 && f == FloatFormat.F32) {
      return (x, y, z) -> {
        boolean halve = !from.isSigned() && x < 0;
        float value = halve ? (x >>> 1 | x & 1) * 2f : x;
        return Float.floatToRawIntBits(value);
      };
    }
    return (x, y, z) -> {
      long v = from.normalize(x);
      boolean halve = !from.isSigned() && v < 0;
      double value = halve ? (v >>> 1 | v & 1) * 2.0 : v;
      return f.round(saturate ? Math.clamp(value, 0.0, 1.0) : value, 0, mode);
    };
  }

  private static double integral(double x, String mode) {
    return switch (mode) {
      case "rni", "rn" -> Math.rint(x);
      case "rzi", "rz" -> x < 0 ? Math.ceil(x) : Math.floor(x);
      case "rmi", "rm" -> Math.floor(x);
      case "rpi", "rp" -> Math.ceil(x);
      default -> throw new PtxException("cvt needs a rounding");
    };
  }

  /** Integers beyond the type become its largest or smallest. */
  private static long toInteger(double x, Type to, FloatFormat from) {
    if (Double.isNaN(x)) {
      boolean zero = from != FloatFormat.F64 && to.bits() < 64;
      return zero ? 0 : 1L << to.bits() - 1;
    }
    if (to.isSigned()) {
      long max = -1L >>> 65 - to.bits();
      return Math.clamp((long) x, ~max, max);
    }
    if (x <= 0) {
      return 0;
    }
    if (x >= Math.scalb(1.0, to.bits())) {
      return -1L >>> 64 - to.bits();
    }
    return x >= 0x1p63 ? (long) (x - 0x1p63) ^ Long.MIN_VALUE : (long) x;
  }

  private static Lanewise.Function floats(
      FloatFormat to,
      FloatFormat from,
      String mode,
      boolean flush,
      boolean saturate,
      boolean relu) {
    boolean integral = mode.endsWith("i");
    String direction = integral || mode.isEmpty() ? "rn" : mode;
    if (mode.equals("rna")) {
      throw new PtxException("rounding .rna is not supported for it");
    }
    return (x, y, z) -> {
      double value = from.decode(x, flush && from == FloatFormat.F32);
      value = integral ? integral(value, mode) : value;
      if (saturate) {
        value = value > 0 ? Math.min(value, 1) : 0;
      }
      if (relu && value < 0) {
        value = 0;
      }
      long result = to.round(value, 0, direction);
      boolean flushResult = flush && to == FloatFormat.F32;
      return flushResult ? to.round(to.flush(to.decode(result))) : result;
    };
  }
}
