package org.slmruntime.ptx;

/**
 * How to run.
 *
 * @param seed of every random choice
 * @param checks whether to look for races, uninitialised reads and missing waits (bounds and
 *     alignment always are)
 * @param shuffled whether warps and blocks run in random order
 * @param jitterUlps approximate instructions are exact up to this many units in the last place, at
 *     random; unless it is zero, sums of products are rounded once or twice, as a compiler may
 *     choose
 */
public record PtxOptions(long seed, boolean checks, boolean shuffled, int jitterUlps) {
  /** Everything on. */
  public static PtxOptions checked(long seed) {
    return new PtxOptions(seed, true, true, 2);
  }

  /** As fast as can be. */
  public static PtxOptions fast() {
    return new PtxOptions(0, false, false, 0);
  }
}
