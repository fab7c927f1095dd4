package org.slmruntime.train.reference;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.gradient.BackwardProgram;

/**
 * A graph around one operation, whose inputs are embedded random rows. Every weight, those rows
 * included, is trained; their gradients are compared with finite differences.
 */
final class GradientCase {
  private static final int VOCABULARY = 10;

  /** Relative; finite differences in float64 are good for about 1e-9. */
  private static final double LIMIT = 1e-6;

  final GraphBuilder graph = new GraphBuilder("case");
  private final Random random;
  private final String name;
  private final Map<Weight, double[]> values = new LinkedHashMap<>();

  GradientCase(String name, long seed) {
    this.name = name + ", seed " + seed;
    this.random = new Random(seed);
  }

  /** Rows of about unit variance, one for each token. */
  Value input(String node, int width) {
    return graph.embed(node, make(Weight.matrix(node, VOCABULARY, width), 0, 1));
  }

  Weight matrix(String tensor, int rows, int columns) {
    return make(Weight.matrix(tensor, rows, columns), 0, 1 / Math.sqrt(columns));
  }

  Weight vector(String tensor, int length, double mean) {
    return make(Weight.vector(tensor, length), mean, 0.5);
  }

  /** None is near 0, where some activations have no second derivative. */
  private Weight make(Weight weight, double mean, double deviation) {
    double[] numbers = new double[(int) weight.elements()];
    for (int i = 0; i < numbers.length; i++) {
      double number = mean + deviation * random.nextGaussian();
      numbers[i] = Math.abs(number) < 0.01 ? 0.01 : number;
    }
    values.put(weight, numbers);
    return weight;
  }

  /** Compares the gradients of a random sum of the outputs. */
  void check(Value output) {
    Graph built = graph.build(graph.gatherRows("outputs", output));
    TrainingBatch batch = batch();
    ReferenceTrainer trainer = trainer(built);
    double[] factors = new double[trainer.logits(batch).length];
    Arrays.setAll(factors, _ -> random.nextGaussian());
    Map<Weight, double[]> gradients = trainer.gradients(batch, factors);
    DoubleSupplier sum = () -> dot(factors, trainer.logits(batch));
    values.forEach(
        (weight, parameters) ->
            FiniteDifferences.assertClose(
                gradients.get(weight),
                FiniteDifferences.gradient(sum, parameters),
                LIMIT,
                name + ", d" + weight));
  }

  private ReferenceTrainer trainer(Graph built) {
    Set<Weight> all = built.weights();
    Weights none =
        weight -> {
          throw new AssertionError(weight + " is frozen");
        };
    return new ReferenceTrainer(BackwardProgram.of(built, all), values, none);
  }

  /** Sequences of some lengths; of the tokens about two of three are looked at. */
  private TrainingBatch batch() {
    TrainingBatch.Builder batch = TrainingBatch.builder();
    int[] lengths = {1, 1 + random.nextInt(9), 1 + random.nextInt(4)};
    for (int length : lengths) {
      int[] tokens = random.ints(length, 0, VOCABULARY).toArray();
      double[] counts = new double[length];
      Arrays.setAll(counts, i -> i == length - 1 || random.nextInt(3) > 0 ? 1 : 0);
      batch.sequence(tokens, new int[length], counts);
    }
    return batch.build();
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
