package org.slmruntime.train.stories;

import java.util.List;
import java.util.Random;
import org.slmruntime.train.CounterHash;

/**
 * Random choices of one story. {@link Random} is used because its numbers are part of its contract,
 * so that a seed tells the same stories on every JDK. Not thread-safe.
 */
final class Draws {
  private final Random random;

  Draws(long seed, long number) {
    random = new Random(CounterHash.of(seed, number));
  }

  <T> T one(List<T> options) {
    return options.get(random.nextInt(options.size()));
  }

  boolean evenly() {
    return random.nextBoolean();
  }
}
