package org.slmruntime.ptx;

/** What an atomic or reducing instruction makes of an old value and an operand. */
interface AtomicOperation {
  long apply(long old, long operand);

  static AtomicOperation of(String name, Type t) {
    return switch (name) {
      case "add" -> addition(t);
      case "min" -> (a, b) -> Integers.less(b, a, t) ? b : a;
      case "max" -> (a, b) -> Integers.less(a, b, t) ? b : a;
      case "and" -> (a, b) -> a & b;
      case "or" -> (a, b) -> a | b;
      case "xor" -> (a, b) -> a ^ b;
      case "exch" -> (a, b) -> b;
      case "inc" -> (a, b) -> Long.compareUnsigned(a, b) >= 0 ? 0 : a + 1;
      case "dec" -> (a, b) -> a == 0 || Long.compareUnsigned(a, b) > 0 ? b : a - 1;
      default -> throw new PtxException("operation ." + name + " is unknown");
    };
  }

  private static AtomicOperation addition(Type t) {
    if (!t.isFloat()) {
      return (a, b) -> t.unsigned(a + b);
    }
    FloatFormat f = FloatFormat.of(t);
    Lanewise.Function sum = Floats.packed(t, (a, b, c) -> f.round(f.decode(a) + f.decode(b)));
    return (a, b) -> sum.apply(a, b, 0);
  }
}
