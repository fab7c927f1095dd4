package org.slmruntime.train.finetune;

import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Rows;
import org.slmruntime.graph.Value;
import org.slmruntime.lora.LowRank;
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

  static MemoryNeed of(Graph graph, List<LowRank> changes, Split data, int perBatch) {
    long weights = changes.stream().mapToLong(c -> c.a().elements() + c.b().elements()).sum();
    long tokens = largest(data, perBatch, example -> example.ids().length);
    long outputs = largest(data, perBatch, MemoryNeed::learned);
    long floats = 0;
    for (Value value : graph.values()) {
      long rows = value.rows() == Rows.TOKENS ? tokens : outputs;
      floats = Math.addExact(floats, Math.multiplyExact(rows, value.width()));
    }
    long examples = all(data).mapToLong(e -> e.ids().length * (Integer.BYTES + 1L)).sum();
    return new MemoryNeed(
        Math.multiplyExact(weights, ARRAYS_OF_A_WEIGHT * Float.BYTES),
        Math.multiplyExact(floats, 2 * Float.BYTES),
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

  /** Of the batch that happens to have the largest examples. */
  private static long largest(Split data, int perBatch, ToLongFunction<Example> size) {
    long[] sizes = all(data).mapToLong(size).sorted().toArray();
    long sum = 0;
    for (int i = Math.max(0, sizes.length - perBatch); i < sizes.length; i++) {
      sum += sizes[i];
    }
    return sum;
  }

  /** All of it. */
  public long total() {
    return Math.addExact(weights, Math.addExact(activations, examples));
  }
}
