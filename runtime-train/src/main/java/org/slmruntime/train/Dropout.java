package org.slmruntime.train;

import java.util.Set;
import org.slmruntime.graph.Weight;

/**
 * Leaves out elements of the inputs of some linear layers in one step of training and scales up the
 * others (Hinton et al., 2012), as LoRA does before its matrices A (Hu et al., 2021). Which ones
 * depends on the seed, the weight and the element's place alone, so the forward pass, the gradients
 * and a recomputation agree without keeping a mask. Immutable.
 *
 * @param inputs the weights of the layers whose inputs are thinned
 * @param rate the share of elements left out, from 0 to below 1
 * @param seed another one for each step
 */
public record Dropout(Set<Weight> inputs, double rate, long seed) {
  /** Leaves out nothing. */
  public static final Dropout NONE = new Dropout(Set.of(), 0, 0);

  private static final int HASH_BITS = 53;

  public Dropout {
    inputs = Set.copyOf(inputs);
    if (!(rate >= 0 && rate < 1)) {
      throw new TrainException("the rate of dropout must be from 0 to below 1 but is " + rate);
    }
  }

  /** Whether the input of the layer with this weight is thinned. */
  public boolean thins(Weight weight) {
    return rate > 0 && inputs.contains(weight);
  }

  /** Of the input of the layer with this weight. */
  public Mask mask(Weight weight) {
    long place = weight.name().hashCode() * 31L + weight.offset();
    long key = CounterHash.of(seed, place);
    return new Mask(key, weight.columns(), (long) (rate * (1L << HASH_BITS)));
  }

  /**
   * Says which elements of a matrix are left out.
   *
   * @param below the hashes of those that are
   */
  public record Mask(long key, int columns, long below) {
    /** Whether the element stays; each has a hash of its own, which counts from 0 to 2^53 - 1. */
    public boolean keeps(int row, int column) {
      return CounterHash.of(key, (long) row * columns + column) >>> (Long.SIZE - HASH_BITS)
          >= below;
    }
  }

  /** What the elements that stay are multiplied with, so that sums stay the same on average. */
  public double scale() {
    return 1 / (1 - rate);
  }

  /** The same with another seed. */
  public Dropout withSeed(long other) {
    return new Dropout(inputs, rate, other);
  }
}
