package org.slmruntime.ptx;

/** Random numbers of a seed. Not thread-safe. */
final class Randomness {
  private long state;

  Randomness(long seed) {
    state = seed;
  }

  /** SplitMix64. */
  long next() {
    state += 0x9e3779b97f4a7c15L;
    long z = state;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  /** From 0 to below the bound. */
  int below(int bound) {
    return (int) Math.unsignedMultiplyHigh(next(), bound);
  }

  /** What memory holds that nobody has written. */
  void fill(byte[] bytes) {
    for (int i = 0; i + 8 <= bytes.length; i += 8) {
      Region.LONG.set(bytes, i, next());
    }
  }

  /** From -1 to 1. */
  double symmetric() {
    return (next() >> 11) * 0x1p-52;
  }
}
