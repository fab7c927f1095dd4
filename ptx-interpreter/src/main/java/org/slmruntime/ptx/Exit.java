package org.slmruntime.ptx;

/** Ends lanes; the warp does it. */
final class Exit extends Instruction {
  Exit() {
    super(Kind.EXIT);
  }

  @Override
  void run(Warp warp, int mask) {
    throw new IllegalStateException("the warp ends lanes");
  }
}
