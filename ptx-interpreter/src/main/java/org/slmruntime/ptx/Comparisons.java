package org.slmruntime.ptx;

/** setp, set. */
final class Comparisons {
  private static final String[] OPERATORS = {
    "eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs", "equ", "neu", "ltu", "leu", "gtu",
    "geu", "num", "nan"
  };

  private Comparisons() {}

  /** Null if the base is of another family. */
  static Instruction assemble(Form form, Operands o) {
    return switch (form.base) {
      case "setp" -> setPredicate(form, o);
      case "set" -> set(form, o);
      default -> null;
    };
  }

  private static Instruction setPredicate(Form form, Operands o) {
    String operator = form.takeAny(OPERATORS);
    String combine = form.takeAny("and", "or", "xor");
    boolean flush = form.take("ftz");
    Type t = form.type();
    o.expect(combine.isEmpty() ? 3 : 4);
    Type p = Type.of("pred");
    boolean pair = o.get(0) instanceof Operand.Pair;
    boolean packed = t.name().endsWith("x2");
    int d = pair ? o.target(((Operand.Pair) o.get(0)).first(), p) : o.target(0, p);
    int e = pair ? o.target(((Operand.Pair) o.get(0)).second(), p) : -1;
    int a = o.source(1, t);
    int b = o.source(2, t);
    int c = combine.isEmpty() ? -1 : o.predicate(3);
    boolean negated = c >= 0 && o.isNegated(3);
    Test test = CompareLoops.of(operator, t, flush, 0);
    Test second = packed ? CompareLoops.of(operator, t, flush, 16) : null;
    Predicates.Operation f = combine.isEmpty() ? null : Predicates.operation(combine);
    return new SetPredicate(test, second, f, d, e, a, b, c, negated);
  }

  private static Instruction set(Form form, Operands o) {
    String operator = form.takeAny(OPERATORS);
    String combine = form.takeAny("and", "or", "xor");
    boolean flush = form.take("ftz");
    Type result = form.type();
    Type t = form.hasType() ? form.type() : result;
    o.expect(3);
    if (!combine.isEmpty()) {
      throw new PtxException("set with ." + combine + " is not supported");
    }
    int d = o.target(0, result);
    int a = o.source(1, t);
    int b = o.source(2, t);
    boolean packed = t.name().endsWith("x2");
    Test low = CompareLoops.of(operator, t, flush, 0);
    Test high = packed ? CompareLoops.of(operator, t, flush, 16) : null;
    return new SetValue(low, high, yes(result), d, a, b);
  }

  /** The value that says yes: all ones, or 1 as a float. */
  private static long yes(Type result) {
    return switch (result.name()) {
      case "f32" -> Float.floatToRawIntBits(1);
      case "f16", "f16x2" -> 0x3c00;
      case "bf16", "bf16x2" -> 0x3f80;
      case "s32", "u32" -> 0xffffffffL;
      default -> 0xffff;
    };
  }

  /** Compares all lanes of two registers: a bit per lane. */
  interface Test {
    int test(Warp warp, int a, int b);
  }

  private static final class SetPredicate extends Instruction {
    private final Test test;
    private final Test second;
    private final Predicates.Operation operation;
    private final int d;
    private final int e;
    private final int a;
    private final int b;
    private final int c;
    private final boolean negated;

    SetPredicate(
        Test test,
        Test second,
        Predicates.Operation operation,
        int d,
        int e,
        int a,
        int b,
        int c,
        boolean negated) {
      this.test = test;
      this.second = second;
      this.operation = operation;
      this.d = d;
      this.e = e;
      this.a = a;
      this.b = b;
      this.c = c;
      this.negated = negated;
    }

    @Override
    void run(Warp warp, int mask) {
      int[] p = warp.predicates;
      int first = test.test(warp, a, b);
      int other = second == null ? ~first : second.test(warp, a, b);
      if (operation != null) {
        int with = negated ? ~p[c] : p[c];
        first = operation.apply(first, with);
        other = operation.apply(other, with);
      }
      p[d] = p[d] & ~mask | first & mask;
      if (e >= 0) {
        p[e] = p[e] & ~mask | other & mask;
      }
    }
  }

  private static final class SetValue extends Instruction {
    private final Test low;
    private final Test high;
    private final long yes;
    private final int d;
    private final int a;
    private final int b;

    SetValue(Test low, Test high, long yes, int d, int a, int b) {
      this.low = low;
      this.high = high;
      this.yes = yes;
      this.d = d;
      this.a = a;
      this.b = b;
    }

    @Override
    void run(Warp warp, int mask) {
      int first = low.test(warp, a, b);
      int second = high == null ? 0 : high.test(warp, a, b);
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        long value = (first >>> lane & 1) != 0 ? yes : 0;
        warp.set(d, lane, (second >>> lane & 1) != 0 ? value | yes << 16 : value);
      }
    }
  }
}
