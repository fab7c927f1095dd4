package org.slmruntime.train.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.SlmException;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.cpu.CpuTrainer;
import org.slmruntime.train.gradient.BackwardProgram;
import org.slmruntime.train.optimizer.AdamW;
import org.slmruntime.train.optimizer.CosineSchedule;
import org.slmruntime.train.reference.DecodedWeights;
import org.slmruntime.train.reference.FamilyModel;

/** A small model that learns a few sequences by heart. */
class TrainingLoopTest {
  private static final int EXAMPLES = 7;
  private static final Map<String, String> SETTINGS = Map.of("seed", "5");

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final List<Example> examples = new ArrayList<>();

  @TempDir Path folder;
  private FamilyModel model;

  @BeforeEach
  void open() {
    model = FamilyModel.open(folder, "llama", seed);
    Random random = new Random(seed);
    for (int i = 0; i < EXAMPLES; i++) {
      int length = 2 + random.nextInt(20);
      examples.add(Example.of(random.ints(length, 0, FamilyModel.VOCABULARY).toArray()));
    }
  }

  @AfterEach
  void close() {
    model.close();
  }

  private TrainingState start() {
    Map<Weight, float[]> weights = new LinkedHashMap<>();
    for (Weight weight : model.graph().weights()) {
      double[] values = DecodedWeights.of(weight, model.weights());
      float[] floats = new float[values.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) values[i];
      }
      weights.put(weight, floats);
    }
    return TrainingState.start(weights);
  }

  private boolean run(TrainingState state, long steps, double rate, BooleanSupplier stop) {
    return run(state, plan(steps, rate), 2, stop);
  }

  private static TrainingPlan plan(long steps, double rate) {
    return new TrainingPlan(
        new CosineSchedule(rate, rate / 10, 1, steps), new AdamW(0.9, 0.99, 1e-8, 0.1), 1, 4, 5);
  }

  private boolean run(TrainingState state, TrainingPlan plan, int threads, BooleanSupplier stop) {
    Set<Weight> all = state.trained();
    BackwardProgram program = BackwardProgram.of(model.graph(), all);
    BatchSource source = new ShuffledBatches(EXAMPLES, examples::get, 2, 2, seed);
    List<TrainingBatch> validation = ShuffledBatches.inOrder(examples, 3);
    try (FolderLock _ = files().lock();
        CpuTrainer trainer = new CpuTrainer(program, state.weights(), model.weights(), threads)) {
      return new TrainingLoop(plan, trainer, source, validation, state)
          .run(TrainingListener.NONE, files()::save, stop);
    }
  }

  private TrainingFolder files() {
    return new TrainingFolder(folder.resolve("out"), "a training", SETTINGS);
  }

  private Path checkpoint() {
    return folder.resolve("out").resolve("checkpoint.safetensors");
  }

  private void assertSame(TrainingState expected, TrainingState actual) {
    assertEquals(expected.step(), actual.step());
    assertEquals(expected.history().toCsv(), actual.history().toCsv(), "seed " + seed);
    for (Weight weight : expected.trained()) {
      assertArrayEquals(
          expected.weights().get(weight), actual.weights().get(weight), weight + " seed " + seed);
      assertArrayEquals(
          expected.moments(weight).mean(), actual.moments(weight).mean(), "seed " + seed);
      assertArrayEquals(
          expected.moments(weight).variance(), actual.moments(weight).variance(), "seed " + seed);
    }
  }

  /** Stops before the step after the given one. */
  private static BooleanSupplier after(TrainingState state, long step) {
    return () -> state.step() >= step;
  }

  @Test
  void theLossFalls() {
    TrainingState state = start();
    assertTrue(run(state, 60, 0.02, () -> false));
    List<LossHistory.Validation> validation = state.history().validation();
    assertEquals(0, validation.getFirst().step());
    assertEquals(60, validation.getLast().step());
    double first = validation.getFirst().loss();
    double last = validation.getLast().loss();
    assertTrue(last < 0.7 * first, first + " became " + last + ", seed " + seed);
    assertEquals(60, state.history().training().size());
  }

  @Test
  void aTrainingThatWasInterruptedEndsWithTheSameBits() {
    TrainingState straight = start();
    run(straight, 13, 0.01, () -> false);
    TrainingState first = start();
    assertFalse(run(first, 13, 0.01, after(first, 3)));
    TrainingState second = files().resume(first.trained()).orElseThrow();
    assertSame(first, second);
    assertFalse(run(second, 13, 0.01, after(second, 8)));
    TrainingState third = files().resume(first.trained()).orElseThrow();
    assertTrue(run(third, plan(13, 0.01), 1, () -> false));
    assertSame(straight, third);
  }

  @Test
  void aCheckpointOnTheWayIsOneToGoOnFrom() {
    TrainingState whole = start();
    run(whole, 7, 0.01, () -> false);
    TrainingState last = files().resume(whole.trained()).orElseThrow();
    assertSame(whole, last);
    assertTrue(run(last, 7, 0.01, () -> false), "has nothing left to do");
    assertSame(whole, last);
  }

  @Test
  void onlyOneTrainingGoesOnInAFolder() {
    TrainingState state = start();
    try (FolderLock _ = files().lock()) {
      TrainException e = assertThrows(TrainException.class, () -> run(state, 1, 0.01, () -> false));
      assertTrue(e.getMessage().contains("another training"), e.getMessage());
    }
    assertTrue(run(state, 1, 0.01, () -> false));
  }

  @Test
  void aTrainingThatStopsAtOnceCanGoOnToo() {
    TrainingState state = start();
    assertFalse(TrainingFolder.isResumable(folder.resolve("out")));
    assertFalse(run(state, 7, 0.01, () -> true));
    assertEquals(0, files().resume(state.trained()).orElseThrow().step());
  }

  @Test
  void aLossThatIsNoNumberSpoilsNothing() {
    TrainingState state = start();
    run(state, 5, 0.01, () -> false);
    // A norm, which every token passes.
    Weight norm = state.trained().stream().filter(w -> w.rows() == 1).findFirst().orElseThrow();
    state.weights().get(norm)[0] = Float.NaN;
    TrainException e = assertThrows(TrainException.class, () -> run(state, 20, 0.01, () -> false));
    assertTrue(e.getMessage().contains("NaN"), e.getMessage());
    assertEquals(5, state.step());
    assertEquals(5, files().resume(state.trained()).orElseThrow().step());
  }

  @Test
  void goesOnlyOnWithTheSettingsItBeganWith() {
    TrainingState state = start();
    run(state, 1, 0.01, () -> false);
    TrainingFolder other =
        new TrainingFolder(folder.resolve("out"), "a training", Map.of("seed", "6"));
    TrainException e = assertThrows(TrainException.class, () -> other.resume(state.trained()));
    assertTrue(e.getMessage().contains("begun with seed 5"), e.getMessage());
  }

  @Test
  void goesOnlyOnWithTheWeightsItBeganWith() {
    TrainingState state = start();
    run(state, 1, 0.01, () -> false);
    Weight one = state.trained().iterator().next();
    assertThrows(TrainException.class, () -> files().resume(Set.of(one)));
  }

  @Test
  void aBrokenCheckpointIsRefused() throws IOException {
    TrainingState state = start();
    run(state, 1, 0.01, () -> false);
    byte[] whole = Files.readAllBytes(checkpoint());
    Random random = new Random(seed);
    for (int i = 0; i < 40; i++) {
      byte[] harmed = whole.clone();
      // The header; in the numbers behind it every byte is as good as another.
      harmed[random.nextInt(1200)] ^= (byte) (1 << random.nextInt(8));
      Files.write(checkpoint(), harmed, StandardOpenOption.TRUNCATE_EXISTING);
      try {
        files().resume(state.trained());
      } catch (SlmException _) {
        continue;
      }
      // A digit of the history may be another one now.
      assertTrue(TrainingFolder.isResumable(folder.resolve("out")));
    }
    Files.write(checkpoint(), Arrays.copyOf(whole, whole.length - 1));
    assertThrows(SlmException.class, () -> files().resume(state.trained()));
  }
}
