package org.slmruntime.ptx;

/** trap: the kernel gives up. */
final class Trap extends Instruction {
  @Override
  void run(Warp warp, int mask) {
    throw warp.fail(Integer.numberOfTrailingZeros(mask), "trap");
  }
}
