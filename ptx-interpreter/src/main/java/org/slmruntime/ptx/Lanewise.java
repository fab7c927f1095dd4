package org.slmruntime.ptx;

/** A result per lane from up to three values, each seen as 64 bits; for what is not frequent. */
final class Lanewise extends Instruction {
  /** Values of registers come without sign. */
  interface Function {
    long apply(long a, long b, long c);
  }

  private final Function function;
  private final long resultMask;
  private final int target;
  private final int a;
  private final int b;
  private final int c;

  /**
   * @param resultBits that the target keeps, the others become zero
   */
  Lanewise(Function function, int resultBits, int target, int a, int b, int c) {
    this.function = function;
    this.resultMask = -1L >>> 64 - resultBits;
    this.target = target;
    this.a = a;
    this.b = b;
    this.c = c;
  }

  @Override
  void run(Warp warp, int mask) {
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      long result = function.apply(warp.get(a, lane), warp.get(b, lane), warp.get(c, lane));
      warp.set(target, lane, result & resultMask);
    }
  }
}
