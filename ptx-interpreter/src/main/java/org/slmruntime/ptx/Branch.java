package org.slmruntime.ptx;

/** Goes on elsewhere; the warp does it. */
final class Branch extends Instruction {
  int target;

  Branch() {
    super(Kind.BRANCH);
  }

  @Override
  void run(Warp warp, int mask) {
    throw new IllegalStateException("the warp branches");
  }
}
