package org.slmruntime.ptx;

/** cp.async and its commits and waits. */
final class AsyncCopies {
  private AsyncCopies() {}

  static Instruction assemble(Form form, Operands o) {
    if (!form.take("async")) {
      throw new PtxException("only cp.async is supported");
    }
    if (form.take("commit_group")) {
      return new Commit();
    }
    if (form.take("wait_all")) {
      return new Wait(-1);
    }
    if (form.take("wait_group")) {
      return new Wait(Bits.number(o, 0));
    }
    form.takeAny("ca", "cg");
    if (form.takeAny("shared", "shared::cta").isEmpty() || !form.take("global")) {
      throw new PtxException("cp.async must copy from global to shared memory");
    }
    form.ignore("L2::");
    o.expect(3, 5);
    Operands.Location to = o.location(0);
    Operands.Location from = o.location(1);
    int bytes = Bits.number(o, 2);
    if (bytes != 4 && bytes != 8 && bytes != 16) {
      throw new PtxException("cp.async cannot copy " + bytes + " bytes");
    }
    boolean ignores =
        o.count() > 3 && o.get(3) instanceof Operand.Register r && r.type().isPredicate();
    int size = o.count() > 3 && !ignores ? o.source(3, Type.of("u32")) : -1;
    int ignore = ignores ? o.predicate(3) : -1;
    return new AsyncCopy(to, from, bytes, size, ignore);
  }

  private static final class Commit extends Instruction {
    @Override
    void run(Warp warp, int mask) {
      warp.async.commit(mask);
    }
  }

  private static final class Wait extends Instruction {
    private final int groupsLeft;

    Wait(int groupsLeft) {
      this.groupsLeft = groupsLeft;
    }

    @Override
    void run(Warp warp, int mask) {
      if (groupsLeft < 0) {
        warp.async.waitForAll(mask);
      } else {
        warp.async.waitFor(mask, groupsLeft);
      }
    }
  }
}
