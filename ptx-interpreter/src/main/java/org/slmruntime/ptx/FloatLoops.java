package org.slmruntime.ptx;

import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;

/** The frequent operations on 32-bit floats. */
final class FloatLoops {
  static final Narrow.Loop ADD =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = floatToRawIntBits(intBitsToFloat(a[i]) + intBitsToFloat(b[i]));
        }
      };
  static final Narrow.Loop SUB =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = floatToRawIntBits(intBitsToFloat(a[i]) - intBitsToFloat(b[i]));
        }
      };
  static final Narrow.Loop MUL =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = floatToRawIntBits(intBitsToFloat(a[i]) * intBitsToFloat(b[i]));
        }
      };
  static final Narrow.Loop DIV =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = floatToRawIntBits(intBitsToFloat(a[i]) / intBitsToFloat(b[i]));
        }
      };
  static final Narrow.Loop FMA =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] =
              floatToRawIntBits(
                  Math.fma(intBitsToFloat(a[i]), intBitsToFloat(b[i]), intBitsToFloat(c[i])));
        }
      };
  static final Narrow.Loop MAX =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = max(a[i], b[i]);
        }
      };
  static final Narrow.Loop MIN =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = min(a[i], b[i]);
        }
      };
  static final Narrow.Loop NEG =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] ^ Integer.MIN_VALUE;
        }
      };
  static final Narrow.Loop ABS =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] & Integer.MAX_VALUE;
        }
      };
  static final Narrow.Loop FROM_SIGNED =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = floatToRawIntBits((float) a[i]);
        }
      };
  static final Narrow.Loop FROM_HALF =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = floatToRawIntBits(Float.float16ToFloat((short) a[i]));
        }
      };

  static final Narrow.Loop TO_HALF =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = half(a[i]);
        }
      };

  /** The first source becomes the high half. */
  static final Narrow.Loop TO_HALVES =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = half(a[i]) << 16 | half(b[i]);
        }
      };

  static final Narrow.Loop MAX_NAN =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = canonical(Math.max(intBitsToFloat(a[i]), intBitsToFloat(b[i])));
        }
      };

  private FloatLoops() {}

  /** {@code sign * a * b + termSign * c}, rounded once. */
  static Narrow.Loop fused(int sign, int termSign) {
    return (d, a, b, c) -> {
      for (int i = 0; i < 32; i++) {
        d[i] =
            floatToRawIntBits(
                Math.fma(
                    sign * intBitsToFloat(a[i]),
                    intBitsToFloat(b[i]),
                    termSign * intBitsToFloat(c[i])));
      }
    };
  }

  private static int canonical(float x) {
    return Float.isNaN(x) ? 0x7fffffff : floatToRawIntBits(x);
  }

  private static int half(int bits) {
    float x = intBitsToFloat(bits);
    return Float.isNaN(x) ? 0x7fff : Float.floatToFloat16(x) & 0xffff;
  }

  static Narrow.Loop of(String base) {
    return switch (base) {
      case "add" -> ADD;
      case "sub" -> SUB;
      case "mul" -> MUL;
      case "div" -> DIV;
      default -> FMA;
    };
  }

  private static int max(int a, int b) {
    float x = intBitsToFloat(a);
    float y = intBitsToFloat(b);
    if (Float.isNaN(x) || Float.isNaN(y)) {
      return number(a, b);
    }
    return floatToRawIntBits(Math.max(x, y));
  }

  private static int min(int a, int b) {
    float x = intBitsToFloat(a);
    float y = intBitsToFloat(b);
    if (Float.isNaN(x) || Float.isNaN(y)) {
      return number(a, b);
    }
    return floatToRawIntBits(Math.min(x, y));
  }

  /** The one that is a number, if one is. */
  private static int number(int a, int b) {
    if (!Float.isNaN(intBitsToFloat(a))) {
      return a;
    }
    return Float.isNaN(intBitsToFloat(b)) ? 0x7fffffff : b;
  }
}
