package org.slmruntime.train.reference;

import java.util.LinkedHashMap;
import java.util.Map;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.Dropout;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.gradient.BackwardProgram;

/**
 * Runs a graph and a program of its gradients in float64. Trained weights are the caller's arrays:
 * they are read anew in every step, so whoever changes them trains. Not thread-safe.
 */
public final class ReferenceTrainer {
  private final BackwardProgram program;
  private final Map<Weight, double[]> weights = new LinkedHashMap<>();

  /**
   * @param trained an array for each weight that {@code program} trains, row by row
   * @param frozen where the others are stored; in any format that has a decoder
   * @throws TrainException if a trained weight has no array, or one of another length
   */
  public ReferenceTrainer(BackwardProgram program, Map<Weight, double[]> trained, Weights frozen) {
    this.program = program;
    for (Weight weight : program.graph().weights()) {
      weights.put(
          weight,
          program.trained().contains(weight)
              ? values(weight, trained)
              : DecodedWeights.of(weight, frozen));
    }
  }

  private static double[] values(Weight weight, Map<Weight, double[]> trained) {
    double[] values = trained.get(weight);
    if (values == null || values.length != weight.elements()) {
      throw new TrainException(
          weight + " has " + (values == null ? "no" : values.length) + " values to train");
    }
    return values;
  }

  /** The logits of the tokens that count, [outputs x vocabulary]. */
  public double[] logits(TrainingBatch batch) {
    return forward(batch, Dropout.NONE).output();
  }

  /** The mean loss of the batch: {@link #loss(TrainingBatch, double)} over the total weight. */
  public double loss(TrainingBatch batch) {
    return loss(batch, 1 / batch.totalWeight());
  }

  /** {@code factor} times the weighted sum of the cross-entropies of the tokens that count. */
  public double loss(TrainingBatch batch, double factor) {
    return loss(batch, factor, Dropout.NONE);
  }

  /** The same after dropout. */
  public double loss(TrainingBatch batch, double factor, Dropout dropout) {
    return loss(forward(batch, dropout).output(), batch, factor);
  }

  /** The mean loss and its gradients. */
  public TrainingStep step(TrainingBatch batch) {
    return step(batch, 1 / batch.totalWeight());
  }

  /**
   * The loss of {@link #loss(TrainingBatch, double)} and its gradients. Those of several batches
   * add up to those of one large batch, if the factor is the same.
   */
  public TrainingStep step(TrainingBatch batch, double factor) {
    return step(batch, factor, Dropout.NONE);
  }

  /** The same after dropout. */
  public TrainingStep step(TrainingBatch batch, double factor, Dropout dropout) {
    ForwardPass forward = forward(batch, dropout);
    double loss = loss(forward.output(), batch, factor);
    int width = program.graph().outputWidth();
    double[] gradient = CrossEntropy.gradient(forward.output(), width, batch, factor);
    return new TrainingStep(loss, new BackwardPass(program, forward).run(gradient));
  }

  /**
   * The gradients of any other function of the outputs.
   *
   * @param outputGradient of that function with respect to {@link #logits}; of their length
   */
  public Map<Weight, double[]> gradients(TrainingBatch batch, double[] outputGradient) {
    ForwardPass forward = forward(batch, Dropout.NONE);
    if (outputGradient.length != forward.output().length) {
      throw new TrainException(
          outputGradient.length + " gradients for " + forward.output().length + " outputs");
    }
    return new BackwardPass(program, forward).run(outputGradient);
  }

  private ForwardPass forward(TrainingBatch batch, Dropout dropout) {
    return new ForwardPass(program.graph(), batch, dropout, weights);
  }

  private double loss(double[] logits, TrainingBatch batch, double factor) {
    return CrossEntropy.loss(logits, program.graph().outputWidth(), batch, factor);
  }
}
