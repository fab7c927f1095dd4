package org.slmruntime.train;

/**
 * Random numbers by their index: neighbouring ones are unrelated, and each is there without those
 * before it (SplitMix64: Steele, Lea and Flood, 2014).
 */
public final class CounterHash {
  private CounterHash() {}

  /** Number {@code index} of the sequence of {@code seed}. */
  public static long of(long seed, long index) {
    long z = seed + index * 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
