package org.slmruntime.train.finetune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.graph.Weight;
import org.slmruntime.lora.Adapters;
import org.slmruntime.lora.LoraMerge;
import org.slmruntime.lora.ScaledAdapter;
import org.slmruntime.model.Model;
import org.slmruntime.model.Models;
import org.slmruntime.tensor.DType;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.cpu.Activations;
import org.slmruntime.train.cpu.CpuTrainer;
import org.slmruntime.train.data.Split;
import org.slmruntime.train.gradient.BackwardProgram;
import org.slmruntime.train.loop.LossHistory;
import org.slmruntime.train.loop.ShuffledBatches;
import org.slmruntime.train.loop.TrainingFolder;
import org.slmruntime.train.loop.TrainingListener;
import org.slmruntime.train.loop.TrainingPlan;

class FinetuningTest {
  private static final long SEED = Long.getLong("slm.test.seed", System.nanoTime());

  @TempDir static Path folder;
  private static Path rows;
  private static Path base;
  private static GgufFile file;
  private static Model model;
  private static Split data;

  private final SplittableRandom random = new SplittableRandom(SEED);

  @BeforeAll
  static void makeTask() throws IOException {
    rows = FinetuneTask.rows(folder, SEED);
    base = FinetuneTask.model(folder);
    file = GgufFile.open(base);
    model = Models.build(file);
    data = FinetuneTask.data(model, rows);
  }

  @AfterAll
  static void closeModel() {
    file.close();
  }

  private static Finetuning finetuning(Model model, Split data, TrainingPlan plan) {
    return finetuning(model, data, plan, 0, Activations.KEPT);
  }

  private static Finetuning finetuning(
      Model model, Split data, TrainingPlan plan, double dropout, Activations activations) {
    AdapterSettings adapter = FinetuneTask.adapter(dropout);
    return new Finetuning(model, adapter, data, plan, FinetuneTask.BATCH, 1, SEED, activations);
  }

  private static LossHistory run(Finetuning finetuning, Path out) {
    return finetuning.run(out, false, 2, TrainingListener.NONE, () -> false);
  }

  private static double last(LossHistory history) {
    return history.validation().getLast().loss();
  }

  private static byte[] adapter(Path out) throws IOException {
    assertTrue(Finetuning.isFinished(out), () -> out + " has no adapter, seed " + SEED);
    return Files.readAllBytes(out.resolve("adapter_model.safetensors"));
  }

  @Test
  void learnsATaskOverPlainAndOverQuantizedWeights() throws IOException {
    TrainingPlan plan = FinetuneTask.plan(5e-3, 30, 30, 30);
    LossHistory plain = run(finetuning(model, data, plan), folder.resolve("plain"));
    double first = plain.validation().getFirst().loss();
    assertTrue(last(plain) < first / 2, () -> first + " to " + last(plain) + ", seed " + SEED);
    try (GgufFile small = GgufFile.open(FinetuneTask.quantized(file, folder))) {
      Model quantized = Models.build(small);
      Finetuning other = finetuning(quantized, FinetuneTask.data(quantized, rows), plan);
      double loss = last(run(other, folder.resolve("quantized")));
      assertEquals(last(plain), loss, 0.05 * last(plain), () -> "seed " + SEED);
    }
  }

  /** The loss of the validation examples, by a graph that is not the one that was trained. */
  private static double loss(Model changed) {
    Weight norm =
        changed.graph().weights().stream()
            .filter(weight -> weight.name().equals("output_norm.weight"))
            .findFirst()
            .orElseThrow();
    float[] values = changed.file().tensor(norm.name()).orElseThrow().values();
    BackwardProgram program = BackwardProgram.of(changed.graph(), Set.of(norm));
    List<TrainingBatch> batches =
        ShuffledBatches.inOrder(data.validation(), data.validation().size());
    try (CpuTrainer trainer = new CpuTrainer(program, Map.of(norm, values), changed.weights(), 2)) {
      return trainer.loss(batches.getFirst(), 1 / batches.getFirst().totalWeight());
    }
  }

  @Test
  void savesAnAdapterThatDoesWhatWasTrainedBesideTheModelAndMerged() {
    Path out = folder.resolve("saved");
    double trained = last(run(finetuning(model, data, FinetuneTask.plan(1e-2, 8, 8, 8)), out));
    assertTrue(Math.abs(trained - loss(model)) > 0.01, () -> "nothing learned, seed " + SEED);
    List<ScaledAdapter> adapters = List.of(new ScaledAdapter(out, 1));
    Model adapted = Adapters.apply(Models.build(GgufFile.open(base)), adapters);
    try {
      assertEquals(trained, loss(adapted), 1e-4 * trained, () -> "seed " + SEED);
    } finally {
      adapted.file().close();
    }
    Path merged = folder.resolve("merged.gguf");
    LoraMerge.write(model, adapters, Optional.of(DType.F32), merged, ProgressListener.NONE);
    try (GgufFile whole = GgufFile.open(merged)) {
      assertEquals(trained, loss(Models.build(whole)), 1e-4 * trained, () -> "seed " + SEED);
    }
  }

  @Test
  void goesOnToTheSameBitsWhereverItWasStopped() throws IOException {
    int steps = random.nextInt(4, 8);
    int stopAt = random.nextInt(1, steps);
    Finetuning finetuning = finetuning(model, data, FinetuneTask.plan(1e-2, steps, 3, 100));
    LossHistory whole = run(finetuning, folder.resolve("whole"));
    Path out = folder.resolve("stopped");
    int[] asked = {0};
    finetuning.run(out, false, 1, TrainingListener.NONE, () -> asked[0]++ == stopAt);
    String what = "stopped at " + stopAt + " of " + steps + ", seed " + SEED;
    assertFalse(Finetuning.isFinished(out), what);
    assertTrue(TrainingFolder.isResumable(out), what);
    LossHistory resumed = finetuning.run(out, true, 2, TrainingListener.NONE, () -> false);
    assertEquals(whole.training(), resumed.training(), what);
    assertEquals(whole.validation(), resumed.validation(), what);
    assertArrayEquals(adapter(folder.resolve("whole")), adapter(out), what);
    assertFalse(TrainingFolder.isResumable(out), what);
    try (Stream<Path> files = Files.list(out)) {
      assertEquals(
          List.of("adapter_config.json", "adapter_model.safetensors", "loss.csv", "loss.svg"),
          files
              .map(f -> f.getFileName().toString())
              .filter(f -> !f.equals(".lock"))
              .sorted()
              .toList(),
          what);
    }
  }

  @Test
  void goesOnFromTheLastCheckpointWhenItWasKilled() throws IOException {
    Finetuning finetuning = finetuning(model, data, FinetuneTask.plan(1e-2, 6, 100, 2));
    int killedIn = random.nextInt(3, 6);
    Path out = folder.resolve("killed");
    TrainingListener killer =
        new TrainingListener() {
          @Override
          public void onStep(LossHistory.Training step, long tokens) {
            if (step.step() == killedIn) {
              throw new IllegalStateException("killed");
            }
          }
        };
    assertThrows(
        IllegalStateException.class, () -> finetuning.run(out, false, 2, killer, () -> false));
    finetuning.run(out, true, 2, TrainingListener.NONE, () -> false);
    run(finetuning, folder.resolve("alive"));
    String what = "killed in step " + killedIn + ", seed " + SEED;
    assertArrayEquals(adapter(folder.resolve("alive")), adapter(out), what);
  }

  @Test
  void refusesToGoOnWithOtherExamples() {
    TrainingPlan plan = FinetuneTask.plan(1e-2, 3, 100, 1);
    Path out = folder.resolve("other");
    int[] asked = {0};
    finetuning(model, data, plan).run(out, false, 1, TrainingListener.NONE, () -> asked[0]++ == 1);
    Split less = new Split(data.training().subList(1, 20), data.validation());
    Finetuning other = finetuning(model, less, plan);
    TrainException e =
        assertThrows(
            TrainException.class,
            () -> other.run(out, true, 1, TrainingListener.NONE, () -> false));
    assertTrue(e.getMessage().contains("was begun with examples "), e::getMessage);
  }

  @Test
  void dropsInputsAndRecomputesToTheSameBits() throws IOException {
    TrainingPlan plan = FinetuneTask.plan(5e-3, 3, 3, 3);
    LossHistory kept =
        run(finetuning(model, data, plan, 0.3, Activations.KEPT), folder.resolve("kept"));
    LossHistory recomputed =
        run(finetuning(model, data, plan, 0.3, Activations.RECOMPUTED), folder.resolve("again"));
    LossHistory whole = run(finetuning(model, data, plan), folder.resolve("undropped"));
    assertEquals(kept.training(), recomputed.training(), () -> "seed " + SEED);
    assertArrayEquals(adapter(folder.resolve("kept")), adapter(folder.resolve("again")));
    assertNotEquals(whole.training(), kept.training(), () -> "seed " + SEED);
  }

  @Test
  void knowsTheMemoryBeforeItIsTaken() {
    TrainingPlan plan = FinetuneTask.plan(1e-2, 3, 100, 1);
    MemoryNeed kept = finetuning(model, data, plan).memory();
    MemoryNeed recomputed = finetuning(model, data, plan, 0, Activations.RECOMPUTED).memory();
    assertEquals(16 * finetuning(model, data, plan).trainedWeights(), kept.weights());
    assertTrue(recomputed.activations() > 0, () -> "seed " + SEED);
    assertTrue(recomputed.activations() < kept.activations(), () -> "seed " + SEED);
    assertEquals(kept.weights() + kept.activations() + kept.examples(), kept.total());
  }
}
