package org.slmruntime.train.optimizer;

import org.slmruntime.train.TrainException;

/**
 * Adam (Kingma and Ba, 2015) with decoupled weight decay (Loshchilov and Hutter, 2019). Holds no
 * state: the moments of each array of weights are the caller's, who may store them in a checkpoint.
 * Each element is computed in float64 and rounded once, so results do not depend on how the arrays
 * are divided.
 *
 * @param meanDecay beta 1, how much of the mean stays in a step
 * @param varianceDecay beta 2, how much of the variance stays
 * @param epsilon added to the root of the variance
 * @param weightDecay the share of a weight that a step takes away, times the learning rate
 */
public record AdamW(double meanDecay, double varianceDecay, double epsilon, double weightDecay) {
  public AdamW {
    within("mean decay", meanDecay, meanDecay < 1);
    within("variance decay", varianceDecay, varianceDecay < 1);
    within("epsilon", epsilon, epsilon > 0);
    within("weight decay", weightDecay, weightDecay < Double.POSITIVE_INFINITY);
  }

  private static void within(String name, double value, boolean fits) {
    if (!(fits && value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new TrainException(name + " of AdamW must not be " + value);
    }
  }

  /**
   * Running averages of gradients and of their squares, one for each weight; zero at first.
   *
   * @param mean of the gradient
   * @param variance of the gradient, not centred
   */
  public record Moments(float[] mean, float[] variance) {
    /** Those of weights that no step has moved yet. */
    public static Moments zeros(int count) {
      return new Moments(new float[count], new float[count]);
    }
  }

  /**
   * Moves weights and their moments by one step.
   *
   * @param step counts from 1; how much of the first zeros is still in the moments depends on it
   * @param rate the learning rate of this step
   * @param decays whether these weights decay; those of norms and biases should not
   */
  public void update(
      float[] weights, float[] gradient, Moments moments, long step, double rate, boolean decays) {
    if (step < 1 || gradient.length != weights.length || moments.mean.length != weights.length) {
      throw new TrainException(
          "step "
              + step
              + " of "
              + weights.length
              + " weights cannot have "
              + gradient.length
              + " gradients and "
              + moments.mean.length
              + " moments");
    }
    double keep = decays ? 1 - rate * weightDecay : 1;
    double meanShare = 1 - Math.pow(meanDecay, step);
    double varianceShare = 1 - Math.pow(varianceDecay, step);
    for (int i = 0; i < weights.length; i++) {
      double g = gradient[i];
      double mean = meanDecay * moments.mean[i] + (1 - meanDecay) * g;
      double variance = varianceDecay * moments.variance[i] + (1 - varianceDecay) * g * g;
      double move = mean / meanShare / (Math.sqrt(variance / varianceShare) + epsilon);
      weights[i] = (float) (keep * weights[i] - rate * move);
      moments.mean[i] = (float) mean;
      moments.variance[i] = (float) variance;
    }
  }
}
