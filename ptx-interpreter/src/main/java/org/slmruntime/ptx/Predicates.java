package org.slmruntime.ptx;

/** Logic on predicates, which are one bit per lane. */
final class Predicates {
  private Predicates() {}

  /** An operation on the predicates of all lanes at once. */
  interface Operation {
    int apply(int a, int b);
  }

  private static final class Logic extends Instruction {
    private final Operation operation;
    private final int target;
    private final int a;
    private final int b;

    Logic(Operation operation, int target, int a, int b) {
      this.operation = operation;
      this.target = target;
      this.a = a;
      this.b = b;
    }

    @Override
    void run(Warp warp, int mask) {
      int[] p = warp.predicates;
      p[target] = p[target] & ~mask | operation.apply(p[a], p[b]) & mask;
    }
  }

  static Operation operation(String name) {
    return switch (name) {
      case "and" -> (a, b) -> a & b;
      case "or" -> (a, b) -> a | b;
      case "xor" -> (a, b) -> a ^ b;
      default -> throw new PtxException("." + name + " is no operation on predicates");
    };
  }

  static Instruction logic(String base, Operands o) {
    int d = o.target(0, Type.of("pred"));
    return new Logic(negating(operation(base), o), d, o.predicate(1), o.predicate(2));
  }

  private static Operation negating(Operation f, Operands o) {
    int a = o.isNegated(1) ? -1 : 0;
    int b = o.isNegated(2) ? -1 : 0;
    return (a | b) == 0 ? f : (x, y) -> f.apply(x ^ a, y ^ b);
  }

  static Instruction not(Operands o) {
    int d = o.target(0, Type.of("pred"));
    int a = o.predicate(1);
    return new Logic((x, y) -> ~x, d, a, a);
  }

  /** mov.pred. */
  static Instruction move(Operands o) {
    o.expect(2);
    int d = o.target(0, Type.of("pred"));
    if (o.get(1) instanceof Operand.Immediate(long bits, char kind)) {
      return new Logic((x, y) -> bits == 0 ? 0 : -1, d, d, d);
    }
    int a = o.predicate(1);
    return new Logic((x, y) -> x, d, a, a);
  }
}
