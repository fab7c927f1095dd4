package org.slmruntime.ptx;

/** A loop over all lanes from 32-bit registers, and one of 64, to 64-bit registers. */
class Widening extends Instruction {
  /** Computes all lanes, be they active or not: it must not fail on any value. */
  interface Loop {
    void apply(long[] d, int[] a, int[] b, long[] c);
  }

  private final Loop loop;
  private final int target;
  private final int a;
  private final int b;
  private final int c;

  Widening(Loop loop, int target, int a, int b, int c) {
    this.loop = loop;
    this.target = target;
    this.a = a;
    this.b = b;
    this.c = c;
  }

  @Override
  void run(Warp warp, int mask) {
    int[][] r = warp.narrow;
    if (mask == -1) {
      loop.apply(warp.wide[target], r[a], r[b], warp.wide[c]);
    } else {
      loop.apply(warp.wideScratch, r[a], r[b], warp.wide[c]);
      warp.keepWide(target, mask);
    }
  }
}
