package org.slmruntime.ptx;

/** The formats of floating point numbers, and exact rounding to them. */
enum FloatFormat {
  F16(16, 0x7fff, 0x1p-14) {
    @Override
    double decode(long bits) {
      return Float.float16ToFloat((short) bits);
    }

    @Override
    long encode(double x) {
      return Float.floatToFloat16(Float.intBitsToFloat(roundToOdd(x))) & 0xffff;
    }
  },
  BF16(16, 0x7fff, 0x1p-126) {
    @Override
    double decode(long bits) {
      return Float.intBitsToFloat((int) bits << 16);
    }

    @Override
    long encode(double x) {
      int bits = roundToOdd(x);
      return Integer.toUnsignedLong(bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }
  },
  F32(32, 0x7fffffff, 0x1p-126) {
    @Override
    double decode(long bits) {
      return Float.intBitsToFloat((int) bits);
    }

    @Override
    long encode(double x) {
      return Float.floatToRawIntBits((float) x) & 0xffffffffL;
    }
  },
  F64(64, 0xfff8000000000000L, Double.MIN_NORMAL) {
    @Override
    double decode(long bits) {
      return Double.longBitsToDouble(bits);
    }

    @Override
    long encode(double x) {
      return Double.doubleToRawLongBits(x);
    }
  };

  final int bits;
  private final long nan;
  private final double smallestNormal;

  FloatFormat(int bits, long nan, double smallestNormal) {
    this.bits = bits;
    this.nan = nan;
    this.smallestNormal = smallestNormal;
  }

  /** The format of a type, of its halves if it is packed. */
  static FloatFormat of(Type t) {
    if (t.kind() == 'x') {
      return BF16;
    }
    return switch (t.name()) {
      case "f16", "f16x2" -> F16;
      case "f32" -> F32;
      case "f64" -> F64;
      default -> throw new PtxException("type ." + t.name() + " is not supported here");
    };
  }

  abstract double decode(long bits);

  /** Rounds to nearest, ties to even; not for NaN. */
  abstract long encode(double x);

  final double decode(long bits, boolean flush) {
    double x = decode(bits);
    return flush ? flush(x) : x;
  }

  /** Zero, with the sign, for what is smaller than the smallest normal number. */
  final double flush(double x) {
    return Math.abs(x) < smallestNormal ? Math.copySign(0, x) : x;
  }

  /** Rounds to nearest, ties to even. */
  final long round(double x) {
    return Double.isNaN(x) ? nan : encode(x);
  }

  /**
   * Rounds x + rest, rest being so small that x is the number next to the sum.
   *
   * @param mode rn, rz (to zero), rm (down) or rp (up)
   */
  final long round(double x, double rest, String mode) {
    long nearest = round(x);
    if (Double.isNaN(x) || Double.isInfinite(x) || mode.isEmpty() || mode.equals("rn")) {
      return nearest;
    }
    double error = x - decode(nearest) + rest;
    boolean up = mode.equals("rp") || mode.equals("rz") && x < 0;
    if (error > 0 && up) {
      return step(nearest, 1);
    }
    return error < 0 && !up ? step(nearest, -1) : nearest;
  }

  /** The next number in a direction. */
  final long step(long value, int direction) {
    long sign = 1L << bits - 1;
    boolean negative = (value & sign) != 0;
    if ((value & ~sign) == 0) {
      return direction > 0 ? 1 : sign | 1;
    }
    return value + (negative ? -direction : direction);
  }

  final boolean isFinite(long value) {
    return Double.isFinite(decode(value));
  }

  /** A float between x and its truncation, odd unless exact: rounding it again is as rounding x. */
  private static int roundToOdd(double x) {
    float f = (float) x;
    int bits = Float.floatToRawIntBits(f);
    if (f == x || Double.isNaN(x)) {
      return bits;
    }
    return (Math.abs((double) f) > Math.abs(x) ? bits - 1 : bits) | 1;
  }
}
