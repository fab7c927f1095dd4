package org.slmruntime.train.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.gradient.BackwardProgram;
import org.slmruntime.train.reference.FamilyModel;
import org.slmruntime.train.reference.TrainingStep;

/** Whole models beside the float64 oracle. */
class CpuTrainerTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @TempDir Path folder;

  /** Longer and shorter than the queries that attention handles at a time. */
  private TrainingBatch batch() {
    TrainingBatch.Builder batch = TrainingBatch.builder();
    for (int length : new int[] {2, 2 * Attention.QUERIES + 3, 1 + Attention.QUERIES, 9}) {
      boolean[] counts = new boolean[length];
      for (int i = 0; i < length; i++) {
        counts[i] = i == length - 1 || random.nextInt(3) > 0;
      }
      batch.text(random.ints(length, 0, FamilyModel.VOCABULARY).toArray(), counts);
    }
    return batch.build();
  }

  private static Map<Weight, float[]> floats(Map<Weight, double[]> values, Set<Weight> some) {
    Map<Weight, float[]> floats = new LinkedHashMap<>();
    for (Weight weight : some) {
      double[] from = values.get(weight);
      float[] to = new float[from.length];
      for (int i = 0; i < to.length; i++) {
        to[i] = (float) from[i];
      }
      floats.put(weight, to);
    }
    return floats;
  }

  private static Map<Weight, float[]> zeros(Set<Weight> weights) {
    Map<Weight, float[]> zeros = new LinkedHashMap<>();
    weights.forEach(w -> zeros.put(w, new float[(int) w.elements()]));
    return zeros;
  }

  private void assertClose(double[] expected, float[] actual, String what) {
    double size = 0;
    double error = 0;
    for (int i = 0; i < expected.length; i++) {
      size += expected[i] * expected[i];
      error += (expected[i] - actual[i]) * (expected[i] - actual[i]);
    }
    double relative = Math.sqrt(error / Math.max(size, 1e-12));
    assertTrue(relative < 1e-4, what + " is off by " + relative + ", seed " + seed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void computesTheLossAndGradientsOfTheOracle(String architecture) {
    try (FamilyModel model = FamilyModel.open(folder, architecture, seed)) {
      Map<Weight, double[]> values = model.values();
      TrainingBatch batch = batch();
      TrainingStep expected = model.trainer(values).step(batch);
      Set<Weight> all = model.graph().weights();
      BackwardProgram program = BackwardProgram.of(model.graph(), all);
      Map<Weight, float[]> gradients = zeros(all);
      try (CpuTrainer trainer = new CpuTrainer(program, floats(values, all), model.weights(), 2)) {
        double loss = trainer.step(batch, 1 / batch.totalWeight(), gradients);
        assertEquals(expected.loss(), loss, 1e-5 * expected.loss(), "seed " + seed);
        assertEquals(loss, trainer.loss(batch, 1 / batch.totalWeight()), 1e-7 * loss);
      }
      gradients.forEach(
          (w, actual) -> assertClose(expected.gradients().get(w), actual, architecture + " d" + w));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void frozenWeightsAreReadWhereTheyAreStored(String architecture) {
    try (FamilyModel model = FamilyModel.open(folder, architecture, seed)) {
      Map<Weight, double[]> values = model.values();
      TrainingBatch batch = batch();
      Set<Weight> some =
          model.graph().weights().stream()
              .filter(w -> w.name().contains("attn_q") || w.name().contains("blk.1.ffn_up"))
              .collect(Collectors.toSet());
      TrainingStep expected = model.trainer(some, values).step(batch);
      Map<Weight, float[]> gradients = zeros(some);
      BackwardProgram program = BackwardProgram.of(model.graph(), some);
      try (CpuTrainer trainer = new CpuTrainer(program, floats(values, some), model.weights(), 2)) {
        trainer.step(batch, 1 / batch.totalWeight(), gradients);
      }
      gradients.forEach(
          (w, actual) -> assertClose(expected.gradients().get(w), actual, architecture + " d" + w));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void theNumberOfThreadsChangesNoBit(String architecture) {
    try (FamilyModel model = FamilyModel.open(folder, architecture, seed)) {
      TrainingBatch batch = batch();
      Set<Weight> all = model.graph().weights();
      Map<Weight, float[]> first = step(model, batch, all, 1);
      step(model, batch, all, 3)
          .forEach((w, g) -> assertArrayEquals(first.get(w), g, w + ", seed " + seed));
    }
  }

  /** Twice, so that arrays are used again and gradients add up. */
  private static Map<Weight, float[]> step(
      FamilyModel model, TrainingBatch batch, Set<Weight> all, int threads) {
    Map<Weight, float[]> gradients = zeros(all);
    try (CpuTrainer trainer =
        new CpuTrainer(
            BackwardProgram.of(model.graph(), all),
            floats(model.values(), all),
            model.weights(),
            threads)) {
      trainer.step(batch, 1, gradients);
      trainer.step(batch, 1, gradients);
    }
    return gradients;
  }
}
