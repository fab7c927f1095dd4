package org.slmruntime.train.finetune;

import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.data.Split;
import org.slmruntime.train.loop.Example;

/**
 * What a training takes of the Java heap at most, in bytes, beside the model's mapped file.
 *
 * @param weights the adapter's, their gradients and their moments
 * @param activations of the largest batch and their gradients
 * @param examples tokens and marks
 */
public record MemoryNeed(long weights, long activations, long examples) {
  /** The weight itself, its gradient, and two moments. */
  private static final int ARRAYS_OF_A_WEIGHT = 4;

  /** Floats of the activations of a batch. */
  @FunctionalInterface
  interface Activity {
    long floats(int tokens, int outputs);
  }

  static MemoryNeed of(long trained, Split data, int perBatch, Activity activity) {
    long tokens = largest(data, perBatch, example -> example.ids().length);
    long outputs = largest(data, perBatch, MemoryNeed::learned);
    if (tokens > TrainingBatch.MAX_TOKENS) {
      throw new TrainException(
          perBatch
              + " examples have up to "
              + tokens
              + " tokens; at most "
              + TrainingBatch.MAX_TOKENS);
    }
    long floats = activity.floats((int) tokens, (int) outputs);
    long examples = all(data).mapToLong(e -> e.ids().length * (Integer.BYTES + 1L)).sum();
    return new MemoryNeed(
        Math.multiplyExact(trained, ARRAYS_OF_A_WEIGHT * Float.BYTES),
        Math.multiplyExact(floats, Float.BYTES),
        examples);
  }

  private static Stream<Example> all(Split data) {
    return Stream.concat(data.training().stream(), data.validation().stream());
  }

  private static int learned(Example example) {
    int learned = 0;
    for (boolean counts : example.counts()) {
      learned += counts ? 1 : 0;
    }
    return learned;
  }

  /**
   * Of the batch that happens to have the largest examples. Where an epoch ends within a batch, the
   * next one may begin with those that it has already.
   */
  private static long largest(Split data, int perBatch, ToLongFunction<Example> size) {
    long[] sizes = all(data).mapToLong(size).sorted().toArray();
    long copies = perBatch / sizes.length + 2L;
    long left = perBatch;
    long sum = 0;
    for (int i = sizes.length - 1; i >= 0 && left > 0; i--) {
      long taken = Math.min(copies, left);
      sum += taken * sizes[i];
      left -= taken;
    }
    return sum;
  }

  /** All of it. */
  public long total() {
    return Math.addExact(weights, Math.addExact(activations, examples));
  }
}
