package org.slmruntime.ptx;

/** atom and red. */
final class Atomics {
  private Atomics() {}

  static Instruction assemble(Form form, Operands o) {
    boolean returns = form.base.equals("atom");
    form.takeAny("relaxed", "acquire", "release", "acq_rel");
    form.takeAny("cta", "cluster", "gpu", "sys");
    Space space = Space.named(form.takeAny("global", "shared::cta", "shared"));
    String operation =
        form.takeAny("add", "min", "max", "and", "or", "xor", "exch", "inc", "dec", "cas");
    form.take("noftz");
    form.ignore("L2::");
    Type t = form.type();
    boolean compares = operation.equals("cas");
    int first = returns ? 1 : 0;
    o.expect(first + (compares ? 3 : 2));
    int d = returns ? o.target(0, t) : -1;
    Operands.Location at = o.location(first);
    int a = o.source(first + 1, t);
    int b = compares ? o.source(first + 2, t) : a;
    AtomicOperation f = compares ? null : AtomicOperation.of(operation, t);
    return new Atomic(space, at.base(), at.offset(), t, f, d, a, b);
  }

  /** Blocks that meet at an address see what the others did before their fences. */
  static void synchronize(Warp warp, Space actual, int lane) {
    if (actual == Space.GLOBAL) {
      Segments segments = warp.block.launch.segments;
      segments.release(warp, warp.addresses[lane]);
      segments.acquire(warp, warp.addresses[lane]);
    }
  }

  private static final class Atomic extends Access {
    private final Type type;
    private final AtomicOperation operation;
    private final int d;
    private final int a;
    private final int b;

    /**
     * @param operation null to compare with a and swap with b
     */
    Atomic(
        Space space,
        int base,
        long offset,
        Type type,
        AtomicOperation operation,
        int d,
        int a,
        int b) {
      super(space, base, offset, type.bytes());
      this.type = type;
      this.operation = operation;
      this.d = d;
      this.a = a;
      this.b = b;
    }

    @Override
    void access(Warp warp, Region region, Space actual, int lanes) {
      requireWritten(warp, region, actual, lanes);
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        int at = warp.offsets[lane];
        if (region.races != null) {
          region.races.write(warp, lane, at, bytes, true, false);
          synchronize(warp, actual, lane);
        }
        long old = region.get(at, bytes);
        long operand = type.unsigned(warp.get(a, lane));
        if (operation != null) {
          region.set(at, bytes, operation.apply(old, operand));
        } else if (old == operand) {
          region.set(at, bytes, warp.get(b, lane));
        }
        if (d >= 0) {
          warp.set(d, lane, old);
        }
      }
    }
  }
}
