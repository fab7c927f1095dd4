package org.slmruntime.train.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.TrainingBatch;

/**
 * Batches of a fixed number of examples, which are drawn without repetition within an epoch. Not
 * thread-safe.
 */
public final class ShuffledBatches implements BatchSource {
  private final EpochOrder order;
  private final IntFunction<Example> examples;
  private final int perBatch;
  private final int perStep;

  /**
   * @param examples of which there are {@code count}
   * @param perBatch examples that are run at once
   * @param perStep batches whose gradients are added up to a step
   */
  public ShuffledBatches(
      int count, IntFunction<Example> examples, int perBatch, int perStep, long seed) {
    if (perBatch < 1 || perStep < 1) {
      throw new TrainException(
          "a step cannot have " + perStep + " batches of " + perBatch + " examples");
    }
    this.order = new EpochOrder(count, seed);
    this.examples = examples;
    this.perBatch = perBatch;
    this.perStep = perStep;
  }

  @Override
  public List<TrainingBatch> batches(long step) {
    List<TrainingBatch> batches = new ArrayList<>();
    long place = Math.multiplyExact(step - 1, Math.multiplyExact((long) perBatch, perStep));
    for (int b = 0; b < perStep; b++) {
      TrainingBatch.Builder batch = TrainingBatch.builder();
      for (int e = 0; e < perBatch; e++) {
        examples.apply(order.at(place++)).addTo(batch);
      }
      batches.add(batch.build());
    }
    return batches;
  }

  /** All examples in their order, in batches of the same size; what validation runs. */
  public static List<TrainingBatch> inOrder(List<Example> examples, int perBatch) {
    List<TrainingBatch> batches = new ArrayList<>();
    for (int from = 0; from < examples.size(); from += perBatch) {
      TrainingBatch.Builder batch = TrainingBatch.builder();
      examples
          .subList(from, Math.min(from + perBatch, examples.size()))
          .forEach(example -> example.addTo(batch));
      batches.add(batch.build());
    }
    return batches;
  }
}
