package org.slmruntime.train.loop;

import java.util.Random;
import org.slmruntime.train.TrainException;

/**
 * The order in which training goes through its examples: all of them once in each epoch, each epoch
 * in another random order that only depends on the seed. {@link Random} is used because its numbers
 * are part of its contract. Not thread-safe.
 */
public final class EpochOrder {
  private final int[] order;
  private final long seed;
  private long epoch = -1;

  /**
   * @param count of the examples
   */
  public EpochOrder(int count, long seed) {
    if (count < 1) {
      throw new TrainException("there is no order of " + count + " examples");
    }
    this.order = new int[count];
    this.seed = seed;
  }

  /**
   * The example at a place of the training.
   *
   * @param place counts from 0 over all epochs
   */
  public int at(long place) {
    long wanted = place / order.length;
    if (wanted != epoch) {
      shuffle(wanted);
    }
    return order[(int) (place % order.length)];
  }

  /** Fisher and Yates's shuffle. */
  private void shuffle(long wanted) {
    // A seed and the next one share no epoch: Random scrambles seeds that differ in few bits badly.
    Random random = new Random(31 * seed + wanted * 0x9e3779b97f4a7c15L);
    for (int i = 0; i < order.length; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    epoch = wanted;
  }
}
