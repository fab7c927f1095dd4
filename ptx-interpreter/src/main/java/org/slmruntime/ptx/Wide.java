package org.slmruntime.ptx;

/** A loop over all lanes of 64-bit registers. */
final class Wide extends Instruction {
  /** Computes all lanes, be they active or not: it must not fail on any value. */
  interface Loop {
    void apply(long[] d, long[] a, long[] b, long[] c);
  }

  private final Loop loop;
  private final int target;
  private final int a;
  private final int b;
  private final int c;

  Wide(Loop loop, int target, int a, int b, int c) {
    this.loop = loop;
    this.target = target;
    this.a = a;
    this.b = b;
    this.c = c;
  }

  @Override
  void run(Warp warp, int mask) {
    long[][] r = warp.wide;
    if (mask == -1) {
      loop.apply(r[target], r[a], r[b], r[c]);
    } else {
      loop.apply(warp.wideScratch, r[a], r[b], r[c]);
      warp.keepWide(target, mask);
    }
  }
}
