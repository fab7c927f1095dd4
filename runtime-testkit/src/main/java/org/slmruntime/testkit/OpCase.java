package org.slmruntime.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.slmruntime.backend.reference.ReferenceBackendProvider;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.Value;
import org.slmruntime.tensor.DType;

/**
 * A graph that feeds random rows to an operation and shows what comes out, to be run on a backend
 * and on the reference.
 */
final class OpCase {
  private static final int VOCABULARY = 50;

  final long seed;
  final Random random;
  final RandomWeights weights;
  final GraphBuilder graph = new GraphBuilder("case");
  DType kvType = DType.F32;
  int blockTokens = 8;

  private Graph built;

  /** Results smaller than this count as this large. */
  double floor = 0.001;

  OpCase(long seed) {
    this.seed = seed;
    this.random = new Random(seed);
    this.weights = new RandomWeights(random);
  }

  /** Random activations of about unit variance. */
  Value input(String name, int width) {
    Value rows = graph.embed(name, weights.matrix(name, VOCABULARY, width, DType.F32));
    return graph.scale(name + "_scaled", rows, (float) Math.sqrt(width));
  }

  int[] tokens(int count) {
    return random.ints(count, 0, VOCABULARY).toArray();
  }

  /** Fails where the backend's rows differ from the reference's by more than {@code limit}. */
  void check(Backend backend, Value output, List<int[]> sequences, int chunk, double limit) {
    int[] chunks = new int[sequences.size()];
    Arrays.fill(chunks, chunk);
    check(backend, output, sequences, chunks, limit);
  }

  /**
   * The same with sequences that advance at different speeds.
   *
   * @param chunks tokens per step of each sequence
   * @return the backend's rows, [sequence][token * width]
   */
  float[][] check(
      Backend backend, Value output, List<int[]> sequences, int[] chunks, double limit) {
    built = graph.build(graph.gatherRows("rows", output));
    float[][] actual = run(backend, sequences, chunks);
    float[][] expected;
    try (Backend reference = new ReferenceBackendProvider().open(BackendOptions.defaults())) {
      expected = run(reference, sequences, chunks);
    }
    for (int s = 0; s < expected.length; s++) {
      Errors.assertClose(actual[s], expected[s], limit, floor, "seed " + seed + ", sequence " + s);
    }
    return actual;
  }

  /** Fails unless every sequence gives to the bit what it gave beside the others. */
  void checkSameAlone(Backend backend, List<int[]> sequences, int[] chunks, float[][] together) {
    for (int s = 0; s < sequences.size(); s++) {
      for (int chunk : chunks) {
        float[][] alone = run(backend, List.of(sequences.get(s)), new int[] {chunk});
        assertArrayEquals(
            together[s], alone[0], "sequence " + s + " in chunks of " + chunk + ", seed " + seed);
      }
    }
  }

  private float[][] run(Backend backend, List<int[]> sequences, int[] chunks) {
    PlanOptions options = Batches.options(kvType, blockTokens, ValueObserver.NONE);
    return Batches.run(backend, built, weights, options, sequences, chunks, random.nextLong());
  }
}
