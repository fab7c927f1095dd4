package org.slmruntime.ptx;

/** The frequent integer operations. */
final class IntegerLoops {
  static final Narrow.Loop ADD =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] + b[i];
        }
      };
  static final Narrow.Loop SUB =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] - b[i];
        }
      };
  static final Narrow.Loop MUL =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] * b[i];
        }
      };
  static final Narrow.Loop MAD =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] * b[i] + c[i];
        }
      };
  static final Narrow.Loop MIN =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = Math.min(a[i], b[i]);
        }
      };
  static final Narrow.Loop MAX =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = Math.max(a[i], b[i]);
        }
      };
  static final Narrow.Loop AND =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] & b[i];
        }
      };
  static final Narrow.Loop OR =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] | b[i];
        }
      };
  static final Narrow.Loop XOR =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] ^ b[i];
        }
      };
  static final Narrow.Loop COPY =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i];
        }
      };

  /** Shifts by 32 and more give zero, or the sign: amounts are not cut to five bits. */
  static final Narrow.Loop SHIFT_LEFT =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = (b[i] & ~31) == 0 ? a[i] << b[i] : 0;
        }
      };

  static final Narrow.Loop SHIFT_RIGHT =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = (b[i] & ~31) == 0 ? a[i] >>> b[i] : 0;
        }
      };
  static final Narrow.Loop SHIFT_RIGHT_SIGNED =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] >> ((b[i] & ~31) == 0 ? b[i] : 31);
        }
      };
  static final Wide.Loop ADD_WIDE =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] + b[i];
        }
      };
  static final Wide.Loop SUB_WIDE =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] - b[i];
        }
      };
  static final Wide.Loop MAD_WIDE =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] * b[i] + c[i];
        }
      };
  static final Wide.Loop COPY_WIDE =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i];
        }
      };
  static final Widening.Loop MAD_SIGNED =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = (long) a[i] * b[i] + c[i];
        }
      };
  static final Widening.Loop MAD_UNSIGNED =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = (a[i] & 0xffffffffL) * (b[i] & 0xffffffffL) + c[i];
        }
      };
  static final Widening.Loop EXTEND =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i];
        }
      };
  static final Widening.Loop EXTEND_UNSIGNED =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] & 0xffffffffL;
        }
      };

  static final Widening.Loop SHIFT_LEFT_WIDE =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = (a[i] & ~63) == 0 ? c[i] << a[i] : 0;
        }
      };
  static final Widening.Loop SHIFT_RIGHT_WIDE =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = (a[i] & ~63) == 0 ? c[i] >>> a[i] : 0;
        }
      };
  static final Widening.Loop PACK_WIDE =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] & 0xffffffffL | (long) b[i] << 32;
        }
      };
  static final Narrow.Loop PACK =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] & 0xffff | b[i] << 16;
        }
      };
  static final Narrow.Loop LOW_16 =
      (d, a, b, c) -> {
        for (int i = 0; i < 32; i++) {
          d[i] = a[i] & 0xffff;
        }
      };

  private IntegerLoops() {}
}
