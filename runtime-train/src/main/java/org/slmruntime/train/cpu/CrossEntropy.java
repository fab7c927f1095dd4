package org.slmruntime.train.cpu;

import org.slmruntime.cpu.vector.Exp;
import org.slmruntime.cpu.vector.Slices;
import org.slmruntime.train.TrainingBatch;

/**
 * The loss, {@code factor * sum_r weight_r * (log sum_i exp(z_ri) - z_r,target)}. Exponentials are
 * float32, sums float64, and rows are added in order.
 */
final class CrossEntropy {
  private CrossEntropy() {}

  /**
   * Turns logits into their gradient, {@code factor weight_r (softmax(z_r) - 1 at the target)}.
   *
   * @param logits [outputs][width]
   * @return the loss
   */
  static double lossAndGradient(
      Parallel parallel, float[] logits, int width, TrainingBatch batch, double factor) {
    double[] losses = new double[batch.outputCount()];
    parallel.forEach(
        losses.length,
        width,
        (from, to, _) -> {
          for (int r = from; r < to; r++) {
            double weight = factor * batch.weight(r);
            losses[r] = weight * row(logits, r * width, width, batch.target(r), weight);
          }
        });
    return sum(losses);
  }

  private static double sum(double[] losses) {
    double sum = 0;
    for (double loss : losses) {
      sum += loss;
    }
    return sum;
  }

  private static double row(float[] z, int at, int width, int target, double weight) {
    float max = Slices.max(z, at, width);
    float own = z[at + target];
    Exp.exp(z, at, 1, max, 1, z, at, width);
    double sum = Slices.sum(z, at, width);
    float scale = (float) (weight / sum);
    for (int i = at; i < at + width; i++) {
      z[i] *= scale;
    }
    z[at + target] -= (float) weight;
    return max + Math.log(sum) - own;
  }
}
