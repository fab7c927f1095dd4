package org.slmruntime.ptx;

/** Logic, shifts and bit fields. */
final class Bits {
  private Bits() {}

  /** Null if the base is of another family. */
  static Instruction assemble(Form form, Operands o) {
    return switch (form.base) {
      case "and", "or", "xor" -> logic(form, o);
      case "shl", "shr" -> shift(form, o);
      case "not", "cnot", "popc", "clz", "brev" -> unary(form, o);
      case "lop3" -> lop3(form, o);
      case "shf" -> funnel(form, o);
      case "prmt" -> permute(form, o);
      case "bfe" -> extract(form, o);
      case "bfi" -> insert(form, o);
      case "bfind" -> find(form, o);
      case "bmsk" -> mask(form, o);
      case "szext" -> extend(form, o);
      default -> null;
    };
  }

  private static Instruction logic(Form form, Operands o) {
    Type t = form.type();
    o.expect(3);
    if (t.isPredicate()) {
      return Predicates.logic(form.base, o);
    }
    int d = o.target(0, t);
    int a = o.source(1, t);
    int b = o.source(2, t);
    if (t.bits() == 64) {
      return new Lanewise(
          switch (form.base) {
            case "and" -> (x, y, z) -> x & y;
            case "or" -> (x, y, z) -> x | y;
            default -> (x, y, z) -> x ^ y;
          },
          64,
          d,
          a,
          b,
          b);
    }
    Narrow.Loop loop =
        switch (form.base) {
          case "and" -> IntegerLoops.AND;
          case "or" -> IntegerLoops.OR;
          default -> IntegerLoops.XOR;
        };
    return new Narrow(loop, d, a, b, b);
  }

  private static Instruction shift(Form form, Operands o) {
    Type t = form.type();
    o.expect(3);
    int d = o.target(0, t);
    int a = o.source(1, t);
    int b = o.source(2, Type.of("u32"));
    boolean left = form.base.equals("shl");
    if (t.bits() == 32) {
      Narrow.Loop right = t.isSigned() ? IntegerLoops.SHIFT_RIGHT_SIGNED : IntegerLoops.SHIFT_RIGHT;
      return new Narrow(left ? IntegerLoops.SHIFT_LEFT : right, d, a, b, b);
    }
    int bits = t.bits();
    if (bits == 64 && (left || !t.isSigned())) {
      Widening.Loop loop = left ? IntegerLoops.SHIFT_LEFT_WIDE : IntegerLoops.SHIFT_RIGHT_WIDE;
      return new Widening(loop, d, b, b, a);
    }
    if (left) {
      return new Lanewise((x, n, z) -> n < bits ? x << n : 0, bits, d, a, b, b);
    }
    if (t.isSigned()) {
      return new Lanewise((x, n, z) -> t.signed(x) >> Math.min(n, bits - 1), bits, d, a, b, b);
    }
    return new Lanewise((x, n, z) -> n < bits ? x >>> n : 0, bits, d, a, b, b);
  }

  private static Instruction unary(Form form, Operands o) {
    Type t = form.type();
    o.expect(2);
    if (t.isPredicate()) {
      return Predicates.not(o);
    }
    boolean counts = form.base.equals("popc") || form.base.equals("clz");
    int d = o.target(0, counts ? Type.of("u32") : t);
    int a = o.source(1, t);
    int unused = 64 - t.bits();
    Lanewise.Function f =
        switch (form.base) {
          case "not" -> (x, y, z) -> ~x;
          case "cnot" -> (x, y, z) -> x == 0 ? 1 : 0;
          case "popc" -> (x, y, z) -> Long.bitCount(x);
          case "clz" -> (x, y, z) -> Long.numberOfLeadingZeros(x) - unused;
          default -> (x, y, z) -> Long.reverse(x) >>> unused;
        };
    return new Lanewise(f, counts ? 32 : t.bits(), d, a, a, a);
  }

  private static Instruction lop3(Form form, Operands o) {
    form.take("b32");
    o.expect(5);
    Type t = Type.of("b32");
    int d = o.target(0, t);
    int a = o.source(1, t);
    int b = o.source(2, t);
    int c = o.source(3, t);
    int table = number(o, 4);
    return new Narrow(
        (dd, aa, bb, cc) -> {
          for (int i = 0; i < 32; i++) {
            dd[i] = lookup(table, aa[i], bb[i], cc[i]);
          }
        },
        d,
        a,
        b,
        c);
  }

  /** Bit k of the table is the result where a, b, c have the bits of k, a's the highest. */
  private static int lookup(int table, int a, int b, int c) {
    int r = table & 1;
    int result = -r & ~a & ~b & ~c;
    result |= -(table >> 1 & 1) & ~a & ~b & c;
    result |= -(table >> 2 & 1) & ~a & b & ~c;
    result |= -(table >> 3 & 1) & ~a & b & c;
    result |= -(table >> 4 & 1) & a & ~b & ~c;
    result |= -(table >> 5 & 1) & a & ~b & c;
    result |= -(table >> 6 & 1) & a & b & ~c;
    return result | -(table >> 7 & 1) & a & b & c;
  }

  static int number(Operands o, int i) {
    if (o.get(i) instanceof Operand.Immediate(long bits, char kind)) {
      return (int) bits;
    }
    throw new PtxException("operand " + (i + 1) + " must be a number");
  }

  private static Instruction funnel(Form form, Operands o) {
    boolean left = form.take("l");
    if (!left && !form.take("r")) {
      throw new PtxException("shf needs .l or .r");
    }
    boolean wrap = form.take("wrap");
    if (!wrap && !form.take("clamp")) {
      throw new PtxException("shf needs .wrap or .clamp");
    }
    Type t = form.type();
    o.expect(4);
    Lanewise.Function f =
        (low, high, by) -> {
          long n = wrap ? by & 31 : Math.min(by, 32);
          long both = high << 32 | low;
          return left ? both << n >>> 32 : both >>> n;
        };
    return new Lanewise(
        f, 32, o.target(0, t), o.source(1, t), o.source(2, t), o.source(3, Type.of("u32")));
  }

  private static Instruction permute(Form form, Operands o) {
    form.take("b32");
    String mode = form.takeAny("f4e", "b4e", "rc8", "ecl", "ecr", "rc16");
    if (!mode.isEmpty()) {
      throw new PtxException("prmt ." + mode + " is not supported");
    }
    Type t = Type.of("b32");
    o.expect(4);
    return new Narrow(
        (d, a, b, c) -> {
          for (int i = 0; i < 32; i++) {
            d[i] = permute(a[i], b[i], c[i]);
          }
        },
        o.target(0, t),
        o.source(1, t),
        o.source(2, t),
        o.source(3, t));
  }

  private static int permute(int a, int b, int selectors) {
    long bytes = (long) b << 32 | a & 0xffffffffL;
    int result = 0;
    for (int i = 0; i < 4; i++) {
      int selector = selectors >>> 4 * i;
      int value = (int) (bytes >>> 8 * (selector & 7)) & 255;
      if ((selector & 8) != 0) {
        value = value >> 7 == 0 ? 0 : 255;
      }
      result |= value << 8 * i;
    }
    return result;
  }

  private static Instruction extract(Form form, Operands o) {
    Type t = form.type();
    Type n = Type.of("u32");
    o.expect(4);
    return new Lanewise(
        (x, at, length) -> extract(x, (int) at & 255, (int) length & 255, t),
        t.bits(),
        o.target(0, t),
        o.source(1, t),
        o.source(2, n),
        o.source(3, n));
  }

  /** Bits beyond the value are zero, or its sign. */
  private static long extract(long x, int at, int length, Type t) {
    if (length == 0) {
      return 0;
    }
    long signed = t.normalize(x);
    long sign = t.isSigned() && signed < 0 ? -1 : 0;
    long moved = at >= t.bits() ? sign : signed >> at;
    if (!t.isSigned()) {
      moved = at >= t.bits() ? 0 : signed >>> at;
    }
    if (length >= 64) {
      return moved;
    }
    return t.isSigned() ? moved << 64 - length >> 64 - length : moved & (1L << length) - 1;
  }

  private static Instruction insert(Form form, Operands o) {
    Type t = form.type();
    Type n = Type.of("u32");
    o.expect(5);
    int d = o.target(0, t);
    int a = o.source(1, t);
    int b = o.source(2, t);
    int at = o.source(3, n);
    int length = o.source(4, n);
    return new BitFieldInsert(t, d, a, b, at, length);
  }

  private static Instruction find(Form form, Operands o) {
    boolean amount = form.take("shiftamt");
    Type t = form.type();
    o.expect(2);
    int a = o.source(1, t);
    return new Lanewise(
        (x, y, z) -> {
          long v = t.normalize(x);
          int top = 63 - Long.numberOfLeadingZeros(v < 0 && t.isSigned() ? ~v : v);
          return top < 0 || !amount ? top : t.bits() - 1 - top;
        },
        32,
        o.target(0, Type.of("u32")),
        a,
        a,
        a);
  }

  private static Instruction mask(Form form, Operands o) {
    boolean wrap = form.take("wrap");
    if (!wrap) {
      form.take("clamp");
    }
    Type t = form.type();
    o.expect(3);
    int b = o.source(2, t);
    return new Lanewise(
        (x, y, z) -> {
          long at = wrap ? x & 31 : Math.min(x, 32);
          long length = wrap ? y & 31 : Math.min(y, 32);
          return (1L << length) - 1 << at;
        },
        32,
        o.target(0, t),
        o.source(1, t),
        b,
        b);
  }

  private static Instruction extend(Form form, Operands o) {
    boolean wrap = form.take("wrap");
    if (!wrap) {
      form.take("clamp");
    }
    Type t = form.type();
    o.expect(3);
    int b = o.source(2, t);
    return new Lanewise(
        (x, n, z) -> extract(x, 0, (int) (wrap ? n & 31 : Math.min(n, 32)), t),
        32,
        o.target(0, t),
        o.source(1, t),
        b,
        b);
  }
}
