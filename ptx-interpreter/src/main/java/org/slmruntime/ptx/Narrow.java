package org.slmruntime.ptx;

/** A loop over all lanes of 32-bit registers; for what is frequent. */
class Narrow extends Instruction {
  /** Computes all lanes, be they active or not: it must not fail on any value. */
  interface Loop {
    void apply(int[] d, int[] a, int[] b, int[] c);
  }

  private final Loop loop;
  private final int target;
  private final int a;
  private final int b;
  private final int c;

  Narrow(Loop loop, int target, int a, int b, int c) {
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
      loop.apply(r[target], r[a], r[b], r[c]);
    } else {
      loop.apply(warp.narrowScratch, r[a], r[b], r[c]);
      warp.keepNarrow(target, mask);
    }
  }
}
