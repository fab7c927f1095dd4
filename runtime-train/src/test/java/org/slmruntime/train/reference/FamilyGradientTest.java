package org.slmruntime.train.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
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

/** Whole models of two layers, built as for inference. */
class FamilyGradientTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @TempDir Path folder;

  private int[] tokens(int count) {
    return random.ints(count, 0, FamilyModel.VOCABULARY).toArray();
  }

  private boolean[] someCount(int length) {
    boolean[] counts = new boolean[length];
    for (int i = 0; i < length; i++) {
      counts[i] = i == length - 1 || random.nextBoolean();
    }
    return counts;
  }

  /** Three texts, one of which counts in parts. */
  private TrainingBatch batch() {
    int length = 3 + random.nextInt(5);
    return TrainingBatch.builder()
        .text(tokens(2 + random.nextInt(6)))
        .text(tokens(length), someCount(length))
        .text(tokens(2))
        .build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void everyWeightHasTheGradientThatFiniteDifferencesHave(String architecture) {
    try (FamilyModel model = FamilyModel.open(folder, architecture, seed)) {
      Map<Weight, double[]> values = model.values();
      ReferenceTrainer trainer = model.trainer(values);
      TrainingBatch batch = batch();
      TrainingStep step = trainer.step(batch);
      assertEquals(model.graph().weights(), step.gradients().keySet());
      assertEquals(trainer.loss(batch), step.loss());
      values.forEach(
          (weight, parameters) ->
              FiniteDifferences.assertClose(
                  step.gradients().get(weight),
                  FiniteDifferences.gradient(() -> trainer.loss(batch), parameters),
                  1e-6,
                  architecture + ", d" + weight + ", seed " + seed));
    }
  }

  /** Of a bias too, and of inputs that several layers have in common. */
  @Test
  void afterDropoutEveryWeightHasTheGradientThatFiniteDifferencesHave() {
    try (FamilyModel model = FamilyModel.open(folder, "qwen2", seed)) {
      Map<Weight, double[]> values = model.values();
      Set<Weight> thinned =
          model.graph().weights().stream()
              .filter(w -> w.name().matches("blk.*attn_[qv].weight|blk.1.ffn_(up|down).weight"))
              .collect(Collectors.toSet());
      Dropout dropout = new Dropout(thinned, 0.4, random.nextLong());
      ReferenceTrainer trainer = model.trainer(values);
      TrainingBatch batch = batch();
      TrainingStep step = trainer.step(batch, 0.5, dropout);
      assertNotEquals(trainer.loss(batch, 0.5), step.loss(), "seed " + seed);
      // Those of the first layer have passed every mask.
      values.keySet().removeIf(weight -> !weight.name().startsWith("blk.0."));
      values.forEach(
          (weight, parameters) ->
              FiniteDifferences.assertClose(
                  step.gradients().get(weight),
                  FiniteDifferences.gradient(() -> trainer.loss(batch, 0.5, dropout), parameters),
                  1e-6,
                  "d" + weight + ", seed " + seed));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void leavingOutFrozenWeightsChangesNoOtherGradient(String architecture) {
    try (FamilyModel model = FamilyModel.open(folder, architecture, seed)) {
      TrainingBatch batch = batch();
      TrainingStep all = model.trainer(model.values()).step(batch);
      for (int round = 0; round < 10; round++) {
        Set<Weight> some = someOf(model.graph().weights());
        TrainingStep step = model.trainer(some, model.values()).step(batch);
        assertEquals(all.loss(), step.loss());
        assertEquals(some, step.gradients().keySet());
        step.gradients()
            .forEach(
                (weight, gradient) ->
                    assertArrayEquals(
                        all.gradients().get(weight),
                        gradient,
                        () -> weight + " of " + some + ", seed " + seed));
      }
    }
  }

  private Set<Weight> someOf(Set<Weight> weights) {
    List<Weight> shuffled = new ArrayList<>(weights);
    Collections.shuffle(shuffled, random);
    return new HashSet<>(shuffled.subList(0, 1 + random.nextInt(4)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void whatIsMaskedHasNoInfluence(String architecture) {
    try (FamilyModel model = FamilyModel.open(folder, architecture, seed)) {
      ReferenceTrainer trainer = model.trainer(model.values());
      int[] text = tokens(8);
      boolean[] counts = {false, true, false, false, true, false, false, false};
      TrainingStep masked = trainer.step(TrainingBatch.builder().text(text, counts).build());
      // The last token that counts is 4; what follows is read but looked at by nobody.
      int[] other = text.clone();
      for (int i = 5; i < 8; i++) {
        other[i] = (other[i] + 1) % FamilyModel.VOCABULARY;
      }
      assertSame(masked, trainer.step(TrainingBatch.builder().text(other, counts).build()));
      other[4] = (other[4] + 1) % FamilyModel.VOCABULARY;
      double changed = trainer.loss(TrainingBatch.builder().text(other, counts).build());
      assertTrue(changed != masked.loss(), "a target that counts, seed " + seed);
    }
  }

  private void assertSame(TrainingStep expected, TrainingStep actual) {
    assertEquals(expected.loss(), actual.loss(), "seed " + seed);
    expected
        .gradients()
        .forEach(
            (weight, gradient) ->
                FiniteDifferences.assertClose(
                    actual.gradients().get(weight), gradient, 1e-12, weight + ", seed " + seed));
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void sequencesOfABatchDoNotSeeEachOther(String architecture) {
    try (FamilyModel model = FamilyModel.open(folder, architecture, seed)) {
      ReferenceTrainer trainer = model.trainer(model.values());
      int[] first = tokens(6);
      int[] second = tokens(4);
      TrainingStep both = trainer.step(TrainingBatch.builder().text(first).text(second).build());
      TrainingStep a = trainer.step(TrainingBatch.builder().text(first).build(), 1.0 / 8);
      TrainingStep b = trainer.step(TrainingBatch.builder().text(second).build(), 1.0 / 8);
      assertEquals(both.loss(), a.loss() + b.loss(), 1e-12, "seed " + seed);
      both.gradients()
          .forEach(
              (weight, gradient) -> {
                double[] sum = a.gradients().get(weight).clone();
                for (int i = 0; i < sum.length; i++) {
                  sum[i] += b.gradients().get(weight)[i];
                }
                FiniteDifferences.assertClose(sum, gradient, 1e-9, weight + ", seed " + seed);
              });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void goingAgainstTheGradientLowersTheLoss(String architecture) {
    try (FamilyModel model = FamilyModel.open(folder, architecture, seed)) {
      Map<Weight, double[]> values = model.values();
      ReferenceTrainer trainer = model.trainer(values);
      TrainingBatch batch = batch();
      double before = trainer.loss(batch);
      for (int i = 0; i < 30; i++) {
        trainer.step(batch).gradients().forEach((w, gradient) -> move(values.get(w), gradient));
      }
      double after = trainer.loss(batch);
      assertTrue(after < 0.8 * before, before + " became " + after + ", seed " + seed);
    }
  }

  private static void move(double[] values, double[] gradient) {
    for (int i = 0; i < values.length; i++) {
      values[i] -= 0.05 * gradient[i];
    }
  }
}
