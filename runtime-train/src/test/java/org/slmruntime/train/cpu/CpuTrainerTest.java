package org.slmruntime.train.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.Dropout;
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
      FamilyModel model, TrainingBatch batch, Set<Weight> trained, int threads) {
    Step once = new Step(model, batch, trained, Dropout.NONE);
    return once.run(Activations.KEPT, threads);
  }

  /** Gradients of some weights, for tests to compute in several ways. */
  private record Step(
      FamilyModel model, TrainingBatch batch, Set<Weight> trained, Dropout dropout) {
    /** Two steps on the same arrays; those of the values are as many as were foretold. */
    Map<Weight, float[]> run(Activations activations, int threads) {
      Map<Weight, float[]> gradients = zeros(trained);
      BackwardProgram program = BackwardProgram.of(model.graph(), trained);
      try (CpuTrainer trainer =
          new CpuTrainer(
              program, floats(model.values(), trained), model.weights(), activations, threads)) {
        trainer.step(batch, 1, dropout, gradients);
        trainer.step(batch, 1, dropout, gradients);
        assertEquals(foretold(activations), trainer.madeFloats(), activations + " of " + trained);
      }
      return gradients;
    }

    long foretold(Activations activations) {
      return CpuTrainer.activationFloats(
          BackwardProgram.of(model.graph(), trained),
          activations,
          dropout,
          batch.tokenCount(),
          batch.outputCount());
    }
  }

  private Set<Weight> some(FamilyModel model) {
    List<Weight> weights = new ArrayList<>(model.graph().weights());
    Collections.shuffle(weights, random);
    return Set.copyOf(weights.subList(0, 1 + random.nextInt(4)));
  }

  /** Such as q alone, without which no key or value has a gradient. */
  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void leavingOutFrozenWeightsChangesNoBitOfOthers(String architecture) {
    try (FamilyModel model = FamilyModel.open(folder, architecture, seed)) {
      TrainingBatch batch = batch();
      Map<Weight, float[]> all = step(model, batch, model.graph().weights(), 2);
      List<Set<Weight>> choices = new ArrayList<>();
      model.graph().weights().stream()
          .filter(w -> w.name().matches("blk.0.attn_[qkv].weight"))
          .forEach(w -> choices.add(Set.of(w)));
      choices.add(some(model));
      choices.add(some(model));
      for (Set<Weight> trained : choices) {
        step(model, batch, trained, 2)
            .forEach((w, g) -> assertArrayEquals(all.get(w), g, w + ", seed " + seed));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void recomputationChangesNoBitAndNeedsLessMemory(String architecture) {
    try (FamilyModel model = FamilyModel.open(folder, architecture, seed)) {
      Set<Weight> all = model.graph().weights();
      for (Set<Weight> trained : List.of(all, some(model))) {
        Dropout dropout = new Dropout(some(model), 0.3, random.nextLong());
        Step step = new Step(model, batch(), trained, dropout);
        Map<Weight, float[]> kept = step.run(Activations.KEPT, 1);
        step.run(Activations.RECOMPUTED, 2)
            .forEach((w, g) -> assertArrayEquals(kept.get(w), g, w + ", seed " + seed));
      }
      Step whole = new Step(model, batch(), all, Dropout.NONE);
      long kept = whole.foretold(Activations.KEPT);
      long recomputed = whole.foretold(Activations.RECOMPUTED);
      assertTrue(recomputed < 0.75 * kept, recomputed + " of " + kept);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void thinsTheInputsThatTheOracleThins(String architecture) {
    try (FamilyModel model = FamilyModel.open(folder, architecture, seed)) {
      Set<Weight> all = model.graph().weights();
      Set<Weight> thinned =
          all.stream()
              .filter(w -> w.name().matches("blk.*(attn_[qv]|ffn_down|attn_output).weight"))
              .collect(Collectors.toSet());
      TrainingBatch batch = batch();
      Dropout dropout = new Dropout(thinned, 0.2, random.nextLong());
      TrainingStep expected = model.trainer(model.values()).step(batch, 2, dropout);
      new Step(model, batch, all, dropout)
          .run(Activations.KEPT, 2)
          .forEach(
              (w, actual) ->
                  assertClose(expected.gradients().get(w), actual, architecture + " d" + w));
    }
  }

  @Test
  void batchesOfOtherShapesLeaveNoArraysBehind() {
    try (FamilyModel model = FamilyModel.open(folder, "llama", seed)) {
      Set<Weight> all = model.graph().weights();
      BackwardProgram program = BackwardProgram.of(model.graph(), all);
      Map<Weight, float[]> values = floats(model.values(), all);
      try (CpuTrainer trainer = new CpuTrainer(program, values, model.weights(), 1)) {
        for (int length = 2; length < 7; length++) {
          TrainingBatch batch = TrainingBatch.builder().text(new int[length]).build();
          trainer.step(batch, 1, zeros(all));
          long foretold =
              CpuTrainer.activationFloats(
                  program, Activations.KEPT, Dropout.NONE, length - 1, length - 1);
          assertEquals(foretold, trainer.madeFloats());
        }
      }
    }
  }
}
