package org.slmruntime.train.cpu;

import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.parallel.Team;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.Dropout;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.gradient.BackwardProgram;
import org.slmruntime.train.gradient.Gradient;
import org.slmruntime.train.gradient.Schedule;

/**
 * Runs a graph and a program of its gradients on the processor, in float32 and by vectors. Trained
 * weights are the caller's arrays: they are read anew in every step, so whoever changes them
 * trains. The same inputs give the same bits, whatever the number of threads. For one thread at a
 * time.
 */
public final class CpuTrainer implements AutoCloseable {
  private final BackwardProgram program;
  private final Schedule evaluation;
  private final Schedule training;
  private final Team team;
  private final Kernels kernels;
  private final Buffers buffers = new Buffers();

  /** One that keeps activations. */
  public CpuTrainer(
      BackwardProgram program, Map<Weight, float[]> trained, Weights frozen, int threads) {
    this(program, trained, frozen, Activations.KEPT, threads);
  }

  /**
   * @param trained an array for each weight that {@code program} trains, row by row
   * @param frozen where the others are stored; in any format that has a decoder
   * @param threads the caller included
   * @throws TrainException if a trained weight has no array, or one of another length, or a frozen
   *     one no decoder
   */
  public CpuTrainer(
      BackwardProgram program,
      Map<Weight, float[]> trained,
      Weights frozen,
      Activations activations,
      int threads) {
    this.program = program;
    this.evaluation = Schedule.evaluation(program.graph());
    this.training = schedule(program, activations);
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

  /**
   * How many floats of activations and of their gradients a batch needs in memory at most.
   *
   * @param tokens of the batch
   * @param outputs how many of them count in the loss
   * @throws ArithmeticException if they are more than a long counts
   */
  public static long activationFloats(
      BackwardProgram program, Activations activations, Dropout dropout, int tokens, int outputs) {
    Set<Weight> thinned = dropout.rate() > 0 ? dropout.inputs() : Set.of();
    return new ActivationMemory(tokens, outputs, thinned).floats(schedule(program, activations));
  }

  private static Schedule schedule(BackwardProgram program, Activations activations) {
    return switch (activations) {
      case KEPT -> Schedule.keeping(program);
      case RECOMPUTED -> Schedule.recomputing(program);
    };
  }

  /** {@code factor} times the weighted sum of the cross-entropies of the tokens that count. */
  public double loss(TrainingBatch batch, double factor) {
    try (ForwardPass forward = forward(batch, Dropout.NONE)) {
      return run(evaluation, forward, output -> loss(output, batch, factor), CpuTrainer::refuse);
    }
  }

  /** The logits of the tokens that count, [outputs x vocabulary]. */
  public float[] logits(TrainingBatch batch) {
    try (ForwardPass forward = forward(batch, Dropout.NONE)) {
      float[] logits = new float[forward.elements(program.graph().output())];
      run(evaluation, forward, output -> copy(output, logits), CpuTrainer::refuse);
      return logits;
    }
  }

  /** The same as {@link #step(TrainingBatch, double, Dropout, Map)} without dropout. */
  public double step(TrainingBatch batch, double factor, Map<Weight, float[]> gradients) {
    return step(batch, factor, Dropout.NONE, gradients);
  }

  /**
   * The same loss, but after dropout, and its gradients, which are added to {@code gradients}:
   * those of several batches add up to those of one large batch, if the factor is the same.
   *
   * @param gradients an array for each trained weight, of its length
   */
  public double step(
      TrainingBatch batch, double factor, Dropout dropout, Map<Weight, float[]> gradients) {
    Graph graph = program.graph();
    try (ForwardPass forward = forward(batch, dropout)) {
      BackwardPass backward =
          new BackwardPass(graph.values().size(), forward, kernels, buffers, gradients);
      return run(
          training,
          forward,
          output -> {
            // Some gradients read the output itself, so it stays.
            float[] gradient = buffers.take(output.length);
            copy(output, gradient);
            backward.begin(graph.output(), gradient);
            return loss(gradient, batch, factor);
          },
          backward::run);
    }
  }

  private static double copy(float[] from, float[] to) {
    System.arraycopy(from, 0, to, 0, from.length);
    return 0;
  }

  private static void refuse(Gradient step) {
    throw new IllegalStateException("an evaluation computes no gradients: " + step);
  }

  /** Does all tasks; returns what is made of the output. */
  private static double run(
      Schedule schedule,
      ForwardPass forward,
      ToDoubleFunction<float[]> takeOutput,
      Consumer<Gradient> differentiate) {
    double result = 0;
    for (Schedule.Task task : schedule.tasks()) {
      switch (task.action()) {
        case Schedule.Evaluate(Node node) -> forward.run(node);
        case Schedule.TakeOutput(Value output) ->
            result = takeOutput.applyAsDouble(forward.value(output));
        case Schedule.Differentiate(Gradient step) -> differentiate.accept(step);
      }
      task.releases().forEach(forward::release);
    }
    return result;
  }

  /** Of logits, which become their gradient. */
  private double loss(float[] logits, TrainingBatch batch, double factor) {
    int width = program.graph().outputWidth();
    return CrossEntropy.lossAndGradient(kernels.parallel, logits, width, batch, factor);
  }

  private ForwardPass forward(TrainingBatch batch, Dropout dropout) {
    buffers.begin(batch.tokenCount(), batch.outputCount());
    return new ForwardPass(program.graph(), batch, dropout, kernels, buffers);
  }

  /** Floats of the arrays that were made for batches of the last one's shape. */
  long madeFloats() {
    return buffers.made();
  }

  /** Ends the threads. */
  @Override
  public void close() {
    team.close();
  }
}
