package org.slmruntime.train.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.backend.reference.ReferenceBackendProvider;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;
import org.slmruntime.testkit.Batches;
import org.slmruntime.testkit.Errors;
import org.slmruntime.testkit.TinyModel;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.gradient.BackwardProgram;

/** The logits of training are those of inference. */
class ForwardPassTest {
  /** Inference rounds every value to float32. */
  private static final double ROUNDING = 1e-5;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @TempDir Path folder;

  private List<int[]> sequences(int vocabulary) {
    List<int[]> sequences = new ArrayList<>();
    for (int length : new int[] {1 + random.nextInt(14), 1, 1 + random.nextInt(20)}) {
      sequences.add(random.ints(length, 0, vocabulary).toArray());
    }
    return sequences;
  }

  /** Every token's logits, as the reference backend has them. */
  private float[][] inferred(Graph graph, Weights weights, List<int[]> sequences) {
    try (Backend backend = new ReferenceBackendProvider().open(BackendOptions.defaults())) {
      return Batches.run(
          backend,
          graph,
          weights,
          Batches.options(DType.F32, 8, ValueObserver.NONE),
          sequences,
          7,
          seed);
    }
  }

  private static TrainingBatch batch(List<int[]> sequences) {
    TrainingBatch.Builder batch = TrainingBatch.builder();
    for (int[] tokens : sequences) {
      double[] all = new double[tokens.length];
      Arrays.fill(all, 1);
      batch.sequence(tokens, tokens, all);
    }
    return batch.build();
  }

  private void assertSame(double[] actual, float[][] expected) {
    int from = 0;
    for (float[] sequence : expected) {
      float[] rows = new float[sequence.length];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = (float) actual[from + i];
      }
      Errors.assertClose(rows, sequence, ROUNDING, "seed " + seed);
      from += sequence.length;
    }
    assertEquals(actual.length, from);
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void familiesGiveTheLogitsOfInference(String architecture) {
    try (FamilyModel model = FamilyModel.open(folder, architecture, seed)) {
      List<int[]> sequences = sequences(FamilyModel.VOCABULARY);
      double[] logits = model.trainer(model.values()).logits(batch(sequences));
      assertSame(logits, inferred(model.graph(), model.weights(), sequences));
    }
  }

  /** Its gradients flow through frozen weights in their stored form, as QLoRA's do. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_K"})
  void frozenWeightsOfEveryFormatAreThoseOfInference(DType type) {
    TinyModel model = TinyModel.make(seed, type);
    List<int[]> sequences = sequences(TinyModel.VOCABULARY);
    Weight norm = Weight.vector("0.attn_norm", 256);
    Map<Weight, double[]> trained = Map.of(norm, DecodedWeights.of(norm, model.weights()));
    ReferenceTrainer trainer =
        new ReferenceTrainer(
            BackwardProgram.of(model.graph(), trained.keySet()), trained, model.weights());
    TrainingBatch batch = batch(sequences);
    assertSame(trainer.logits(batch), inferred(model.graph(), model.weights(), sequences));
    double[] gradient = trainer.step(batch).gradients().get(norm);
    double[] direction = random.doubles(256, -1, 1).toArray();
    double[] start = trained.get(norm).clone();
    double slope =
        FiniteDifferences.derivative(
            step -> {
              for (int i = 0; i < start.length; i++) {
                trained.get(norm)[i] = start[i] + step * direction[i];
              }
              return trainer.loss(batch);
            });
    double expected = 0;
    for (int i = 0; i < start.length; i++) {
      expected += gradient[i] * direction[i];
    }
    assertEquals(slope, expected, 1e-6 * Math.max(1, Math.abs(slope)), type + ", seed " + seed);
  }

  @Test
  void onlyTokensThatCountHaveLogits() {
    try (FamilyModel model = FamilyModel.open(folder, "llama", seed)) {
      int[] text = random.ints(6, 0, FamilyModel.VOCABULARY).toArray();
      boolean[] counts = {true, false, true, false, false, true};
      ReferenceTrainer trainer = model.trainer(model.values());
      double[] all = trainer.logits(TrainingBatch.builder().text(text).build());
      double[] some = trainer.logits(TrainingBatch.builder().text(text, counts).build());
      int width = FamilyModel.VOCABULARY;
      assertEquals(2 * width, some.length);
      for (int i = 0; i < width; i++) {
        assertEquals(all[width + i], some[i]);
        assertEquals(all[4 * width + i], some[width + i]);
      }
    }
  }
}
