package org.slmruntime.ptx;

/** bar and barrier. */
final class Barriers {
  private Barriers() {}

  static Instruction assemble(Form form, Operands o) {
    if (form.take("warp")) {
      form.take("sync");
      o.expect(1);
      return new WarpBarrier(o.source(0, Type.of("u32")));
    }
    form.take("cta");
    boolean arrives = form.take("arrive");
    boolean reduces = form.take("red");
    if (!arrives && !reduces && !form.take("sync")) {
      throw new PtxException("this barrier is not supported");
    }
    form.take("aligned");
    return reduces ? reduction(form, o) : plain(o, arrives);
  }

  private static Instruction plain(Operands o, boolean arrives) {
    o.expect(arrives ? 2 : 1, 2);
    int id = o.source(0, Type.of("u32"));
    int threads = o.count() > 1 ? o.source(1, Type.of("u32")) : -1;
    return new BlockBarrier(id, threads, !arrives);
  }

  private static Instruction reduction(Form form, Operands o) {
    String operation = form.takeAny("popc", "and", "or");
    Type t = form.type();
    o.expect(3, 4);
    int target = o.target(0, t);
    int id = o.source(1, Type.of("u32"));
    int threads = o.count() > 3 ? o.source(2, Type.of("u32")) : -1;
    int p = o.predicate(o.count() - 1);
    boolean negated = o.isNegated(o.count() - 1);
    return new Reduction(operation, target, id, threads, p, negated);
  }

  /** bar.warp.sync. */
  private static final class WarpBarrier extends Instruction {
    private final int members;

    WarpBarrier(int members) {
      super(Kind.COLLECTIVE);
      this.members = members;
    }

    @Override
    int members(Warp warp, int mask) {
      return Collectives.members(warp, members, mask);
    }

    @Override
    void run(Warp warp, int mask) {
      warp.synchronizeLanes();
    }
  }

  private static class BlockBarrier extends Instruction {
    private final int id;
    private final int threads;
    private final boolean waits;

    BlockBarrier(int id, int threads, boolean waits) {
      super(Kind.BARRIER);
      this.id = id;
      this.threads = threads;
      this.waits = waits;
    }

    @Override
    int members(Warp warp, int mask) {
      return warp.live;
    }

    @Override
    boolean needsDefinedSources() {
      return true;
    }

    @Override
    void run(Warp warp, int mask) {
      arrive(warp, mask, 0, null);
    }

    final void arrive(Warp warp, int mask, int ballot, Barrier.Result result) {
      int lane = Integer.numberOfTrailingZeros(mask);
      int count = threads < 0 ? 0 : (int) warp.get(threads, lane);
      int number = (int) warp.get(id, lane);
      if (number < 0 || number > 15) {
        throw warp.fail(lane, "there is no barrier " + number);
      }
      warp.block.barrier(number).arrive(warp, this, count, waits, ballot, result);
    }
  }

  private static final class Reduction extends BlockBarrier {
    private final String operation;
    private final int target;
    private final int predicate;
    private final boolean negated;

    Reduction(String operation, int target, int id, int threads, int predicate, boolean negated) {
      super(id, threads, true);
      this.operation = operation;
      this.target = target;
      this.predicate = predicate;
      this.negated = negated;
    }

    @Override
    void run(Warp warp, int mask) {
      int p = warp.predicates[predicate];
      arrive(warp, mask, negated ? ~p : p, (votes, voters) -> give(warp, mask, votes, voters));
    }

    private void give(Warp warp, int mask, int votes, int voters) {
      if (operation.equals("popc")) {
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          warp.set(target, Integer.numberOfTrailingZeros(rest), votes);
        }
        return;
      }
      boolean yes = operation.equals("and") ? votes == voters : votes > 0;
      int old = warp.predicates[target];
      warp.predicates[target] = yes ? old | mask : old & ~mask;
    }
  }
}
