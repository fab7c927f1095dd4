package org.slmruntime.train.loop;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.CounterHash;
import org.slmruntime.train.Dropout;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.cpu.CpuTrainer;
import org.slmruntime.train.optimizer.Gradients;

/**
 * Trains: a step takes the gradients of its batches, clips them and moves the weights along. The
 * same plan, state and batches give the same bits, whatever the number of threads and however often
 * the training was interrupted and resumed. Not thread-safe.
 */
public final class TrainingLoop {
  private final TrainingPlan plan;
  private final CpuTrainer trainer;
  private final BatchSource source;
  private final List<TrainingBatch> validation;
  private final Dropout dropout;
  private final TrainingState state;
  private final Gradients gradients;

  /** One without dropout. */
  public TrainingLoop(
      TrainingPlan plan,
      CpuTrainer trainer,
      BatchSource source,
      List<TrainingBatch> validation,
      TrainingState state) {
    this(plan, trainer, source, validation, Dropout.NONE, state);
  }

  /**
   * @param trainer of the weights of {@code state}
   * @param validation texts that are only scored; empty for none
   * @param dropout whose seed decides on that of each batch
   */
  public TrainingLoop(
      TrainingPlan plan,
      CpuTrainer trainer,
      BatchSource source,
      List<TrainingBatch> validation,
      Dropout dropout,
      TrainingState state) {
    this.dropout = dropout;
    this.plan = plan;
    this.trainer = trainer;
    this.source = source;
    this.validation = List.copyOf(validation);
    this.state = state;
    this.gradients = new Gradients(state.trained());
  }

  /**
   * Goes on to the last step, or to the end of the step in which it is asked to stop.
   *
   * @param save is given the state to keep, which it must not change; also when training stops
   * @param stop is asked before each step
   * @return whether the training is complete
   * @throws TrainException if the loss or a gradient is no number; the weights are those of the
   *     step before
   */
  public boolean run(
      TrainingListener listener, Consumer<TrainingState> save, BooleanSupplier stop) {
    if (state.step() == 0 && state.history().validation().isEmpty()) {
      validate(listener);
    }
    // Who is stopped before the first step can go on from there too.
    boolean saved = state.step() > 0;
    while (state.step() < plan.steps()) {
      if (stop.getAsBoolean()) {
        break;
      }
      step(listener);
      boolean last = state.step() == plan.steps();
      if (last || state.step() % plan.evaluateEvery() == 0) {
        validate(listener);
      }
      saved = last || state.step() % plan.saveEvery() == 0;
      if (saved) {
        save.accept(state);
      }
    }
    if (!saved) {
      save.accept(state);
    }
    return state.step() >= plan.steps();
  }

  private void step(TrainingListener listener) {
    long step = state.step() + 1;
    List<TrainingBatch> batches = source.batches(step);
    double factor = 1 / totalWeight(batches);
    gradients.clear();
    double loss = 0;
    long seed = CounterHash.of(dropout.seed(), step);
    for (int b = 0; b < batches.size(); b++) {
      Dropout its = dropout.withSeed(CounterHash.of(seed, b));
      loss += trainer.step(batches.get(b), factor, its, gradients.all());
    }
    requireNumber("loss", loss, step);
    double norm = gradients.clip(plan.clip());
    double rate = plan.schedule().rate(step);
    for (Weight weight : state.trained()) {
      update(weight, step, rate);
    }
    state.stepDone();
    LossHistory.Training done = new LossHistory.Training(step, loss, rate, norm);
    state.history().add(done);
    listener.onStep(done, batches.stream().mapToLong(TrainingBatch::tokenCount).sum());
  }

  private void update(Weight weight, long step, double rate) {
    // Norms and biases are no matrices; pulling them to zero would only do harm.
    boolean decays = weight.rows() > 1;
    plan.optimizer()
        .update(
            state.weights().get(weight),
            gradients.of(weight),
            state.moments(weight),
            step,
            rate,
            decays);
  }

  private void validate(TrainingListener listener) {
    if (validation.isEmpty()) {
      return;
    }
    double factor = 1 / totalWeight(validation);
    double loss = 0;
    for (TrainingBatch batch : validation) {
      loss += trainer.loss(batch, factor);
    }
    LossHistory.Validation scored = new LossHistory.Validation(state.step(), loss);
    state.history().add(scored);
    listener.onValidation(scored);
  }

  private static double totalWeight(List<TrainingBatch> batches) {
    return batches.stream().mapToDouble(TrainingBatch::totalWeight).sum();
  }

  private static void requireNumber(String what, double value, long step) {
    if (!Double.isFinite(value)) {
      throw new TrainException(
          "the " + what + " of step " + step + " is " + value + "; a lower learning rate may help");
    }
  }
}
