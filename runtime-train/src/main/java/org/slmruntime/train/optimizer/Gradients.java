package org.slmruntime.train.optimizer;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.TrainException;

/**
 * The gradients of a step, to which batches are added one after the other: as good as one large
 * batch that would not fit into memory. Not thread-safe.
 */
public final class Gradients {
  private final Map<Weight, float[]> sums = new LinkedHashMap<>();

  /** Zeros for each weight. */
  public Gradients(Set<Weight> trained) {
    for (Weight weight : trained) {
      if (weight.elements() > Integer.MAX_VALUE - 8) {
        throw new TrainException(weight + " is too large for one array");
      }
      sums.put(weight, new float[(int) weight.elements()]);
    }
  }

  /** The array of a weight, row by row, for batches to add to. */
  public float[] of(Weight weight) {
    return sums.get(weight);
  }

  /** All arrays, in order of the weights' first use. */
  public Map<Weight, float[]> all() {
    return Collections.unmodifiableMap(sums);
  }

  /** Begins the next step. */
  public void clear() {
    sums.values().forEach(sum -> Arrays.fill(sum, 0));
  }

  /** Multiplies all: sums over tokens become means by one over the total weight of the tokens. */
  public void scale(double factor) {
    for (float[] sum : sums.values()) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] = (float) (sum[i] * factor);
      }
    }
  }

  /** The length of all gradients as one vector, in float64. */
  public double norm() {
    double squares = 0;
    for (float[] sum : sums.values()) {
      for (float element : sum) {
        squares += (double) element * element;
      }
    }
    return Math.sqrt(squares);
  }

  /**
   * Shortens the vector of all gradients to {@code longest} where it is longer (Pascanu et al.,
   * 2013).
   *
   * @return its length before
   * @throws TrainException if a gradient is infinite or no number: a step would spoil the weights
   */
  public double clip(double longest) {
    if (!(longest > 0)) {
      throw new TrainException("gradients cannot be clipped to the norm " + longest);
    }
    double norm = norm();
    if (!Double.isFinite(norm)) {
      throw new TrainException("the norm of the gradients is " + norm);
    }
    if (norm > longest) {
      scale(longest / norm);
    }
    return norm;
  }
}
