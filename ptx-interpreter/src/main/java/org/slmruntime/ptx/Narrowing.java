package org.slmruntime.ptx;

/** The low 32 bits of 64-bit registers. */
final class Narrowing extends Instruction {
  private final int target;
  private final int source;

  Narrowing(int target, int source) {
    this.target = target;
    this.source = source;
  }

  @Override
  void run(Warp warp, int mask) {
    long[] from = warp.wide[source];
    int[] to = mask == -1 ? warp.narrow[target] : warp.narrowScratch;
    for (int i = 0; i < 32; i++) {
      to[i] = (int) from[i];
    }
    if (mask != -1) {
      warp.keepNarrow(target, mask);
    }
  }
}
