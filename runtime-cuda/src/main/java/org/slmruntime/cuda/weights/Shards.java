package org.slmruntime.cuda.weights;

import java.util.ArrayList;
import java.util.List;

/** Hands out places in as few allocations of limited size as it takes, in order. */
final class Shards {
  private static final long ALIGNMENT = 256;

  private final long limit;
  private final List<Long> sizes = new ArrayList<>();

  /**
   * @param limit most bytes of an allocation that holds more than one thing
   */
  Shards(long limit) {
    this.limit = limit;
  }

  WeightPlan.Place add(long bytes) {
    long padded = Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    if (sizes.isEmpty() || Math.addExact(sizes.getLast(), padded) > limit) {
      sizes.add(padded);
      return new WeightPlan.Place(sizes.size() - 1, 0);
    }
    long offset = sizes.removeLast();
    sizes.add(offset + padded);
    return new WeightPlan.Place(sizes.size() - 1, offset);
  }

  List<Long> sizes() {
    return List.copyOf(sizes);
  }
}
