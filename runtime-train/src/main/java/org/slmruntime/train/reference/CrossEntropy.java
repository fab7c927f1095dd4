package org.slmruntime.train.reference;

import org.slmruntime.train.TrainingBatch;

/**
 * The loss: {@code factor * sum_r weight_r * (log sum_i exp(z_ri) - z_r,target)} over the rows of
 * logits {@code z}.
 */
final class CrossEntropy {
  private CrossEntropy() {}

  static double loss(double[] logits, int width, TrainingBatch batch, double factor) {
    double loss = 0;
    for (int r = 0; r < batch.outputCount(); r++) {
      double target = logits[r * width + batch.target(r)];
      loss += factor * batch.weight(r) * (logSumExp(logits, r * width, width) - target);
    }
    return loss;
  }

  /** {@code factor * weight_r * (softmax(z_r) - 1 at the target)}. */
  static double[] gradient(double[] logits, int width, TrainingBatch batch, double factor) {
    double[] gradient = new double[logits.length];
    for (int r = 0; r < batch.outputCount(); r++) {
      double weight = factor * batch.weight(r);
      double logSum = logSumExp(logits, r * width, width);
      for (int i = r * width; i < (r + 1) * width; i++) {
        gradient[i] = weight * Math.exp(logits[i] - logSum);
      }
      gradient[r * width + batch.target(r)] -= weight;
    }
    return gradient;
  }

  private static double logSumExp(double[] z, int from, int count) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      max = Math.max(max, z[i]);
    }
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += Math.exp(z[i] - max);
    }
    return max + Math.log(sum);
  }
}
