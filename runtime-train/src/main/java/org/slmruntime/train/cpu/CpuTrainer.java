package org.slmruntime.train.cpu;

import java.util.Map;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.parallel.Team;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.gradient.BackwardProgram;

/**
 * Runs a graph and a program of its gradients on the processor, in float32 and by vectors. Trained
 * weights are the caller's arrays: they are read anew in every step, so whoever changes them
 * trains. The same inputs give the same bits, whatever the number of threads. For one thread at a
 * time.
 */
public final class CpuTrainer implements AutoCloseable {
  private final BackwardProgram program;
  private final Team team;
  private final Kernels kernels;
  private final Buffers buffers = new Buffers();

  /**
   * @param trained an array for each weight that {@code program} trains, row by row
   * @param frozen where the others are stored; in any format that has a decoder
   * @param threads the caller included
   * @throws TrainException if a trained weight has no array, or one of another length, or a frozen
   *     one no decoder
   */
  public CpuTrainer(
      BackwardProgram program, Map<Weight, float[]> trained, Weights frozen, int threads) {
    this.program = program;
    for (Weight weight : program.trained()) {
      float[] values = trained.get(weight);
      if (values == null || values.length != weight.elements()) {
        throw new TrainException(
            weight + " has " + (values == null ? "no" : values.length) + " values to train");
      }
    }
    this.team = new Team(threads);
    try {
      Parallel parallel = new Parallel(team);
      this.kernels =
          new Kernels(
              parallel, new WeightBlocks(program.graph(), Map.copyOf(trained), frozen, parallel));
    } catch (RuntimeException | Error e) {
      team.close();
      throw e;
    }
  }

  /** {@code factor} times the weighted sum of the cross-entropies of the tokens that count. */
  public double loss(TrainingBatch batch, double factor) {
    try (ForwardPass forward = forward(batch)) {
      return CrossEntropy.lossAndGradient(
          kernels.parallel, forward.output(), program.graph().outputWidth(), batch, factor);
    }
  }

  /** The logits of the tokens that count, [outputs x vocabulary]. */
  public float[] logits(TrainingBatch batch) {
    try (ForwardPass forward = forward(batch)) {
      return forward.output().clone();
    }
  }

  /**
   * The same loss and its gradients, which are added to {@code gradients}: those of several batches
   * add up to those of one large batch, if the factor is the same.
   *
   * @param gradients an array for each trained weight, of its length
   */
  public double step(TrainingBatch batch, double factor, Map<Weight, float[]> gradients) {
    try (ForwardPass forward = forward(batch)) {
      // Some gradients read the output itself, so it stays.
      float[] gradient = buffers.take(forward.output().length);
      System.arraycopy(forward.output(), 0, gradient, 0, gradient.length);
      int width = program.graph().outputWidth();
      double loss = CrossEntropy.lossAndGradient(kernels.parallel, gradient, width, batch, factor);
      new BackwardPass(program, forward, kernels, buffers, gradients).run(gradient);
      return loss;
    }
  }

  private ForwardPass forward(TrainingBatch batch) {
    return new ForwardPass(program.graph(), batch, kernels, buffers);
  }

  /** Ends the threads. */
  @Override
  public void close() {
    team.close();
  }
}
