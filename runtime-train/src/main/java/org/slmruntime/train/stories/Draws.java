package org.slmruntime.train.stories;

import java.util.List;
import java.util.Random;

/**
 * Random choices of one story. {@link Random} is used because its numbers are part of its contract,
 * so that a seed tells the same stories on every JDK. Not thread-safe.
 */
final class Draws {
  private final Random random;

  /**
   * Neighbouring numbers give unrelated draws (the finalizer of SplitMix64, Steele et al., 2014).
   */
  Draws(long seed, long number) {
    long z = seed + number * 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    random = new Random(z ^ z >>> 31);
  }

  <T> T one(List<T> options) {
    return options.get(random.nextInt(options.size()));
  }

  boolean evenly() {
    return random.nextBoolean();
  }
}
