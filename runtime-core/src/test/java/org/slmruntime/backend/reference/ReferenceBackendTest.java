package org.slmruntime.backend.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.model.Model;
import org.slmruntime.model.Models;
import org.slmruntime.tensor.DType;
import org.slmruntime.testing.TinyLlama;

class ReferenceBackendTest {
  private static final int BLOCK = 4;
  private static final int BLOCKS = 64;

  @TempDir Path folder;

  private static PlanOptions options(DType kvType) {
    return new PlanOptions(
        64, 4, 64, BLOCKS, BLOCK, kvType, ValueObserver.NONE, ProgressListener.NONE);
  }

  private interface Use {
    void with(Backend backend, Model model);
  }

  private void withModel(Use use) {
    try (GgufFile file = GgufFile.open(new TinyLlama(3).write(folder));
        Backend backend = new ReferenceBackendProvider().open(BackendOptions.defaults())) {
      use.with(backend, Models.build(file));
    }
  }

  /** Logits after every token of one sequence, in one step, with blocks in order. */
  private static float[] alone(Plan plan, int[] tokens, int vocabulary) {
    int[] blocks = new int[BLOCKS];
    Arrays.setAll(blocks, i -> i);
    StepInput input = new StepInput();
    input.beginSequence(blocks, blocks.length);
    for (int i = 0; i < tokens.length; i++) {
      input.addToken(tokens[i], i, true);
    }
    return Arrays.copyOf(plan.step(input), tokens.length * vocabulary);
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "Q8_0"})
  void givesEachSequenceOfARaggedBatchWhatItGetsAlone(DType kvType) {
    withModel(
        (backend, model) -> {
          try (Plan plan = backend.compile(model.graph(), model.weights(), options(kvType))) {
            for (int seed = 0; seed < 10; seed++) {
              checkRagged(plan, model.vocabulary(), seed);
            }
          }
        });
  }

  private static void checkRagged(Plan plan, int vocabulary, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[][] tokens = new int[4][];
    float[][] wanted = new float[4][];
    for (int s = 0; s < 4; s++) {
      tokens[s] = random.ints(1 + random.nextInt(40), 0, vocabulary).toArray();
      wanted[s] = alone(plan, tokens[s], vocabulary);
    }
    int[] blocks = shuffled(random);
    int[] fed = new int[4];
    while (!Arrays.equals(fed, lengths(tokens))) {
      StepInput input = new StepInput();
      int[] before = fed.clone();
      for (int s = 0; s < 4; s++) {
        int more = Math.min(random.nextInt(12), tokens[s].length - fed[s]);
        if (more > 0) {
          input.beginSequence(Arrays.copyOfRange(blocks, 16 * s, 16 * s + 16), 16);
        }
        for (int i = 0; i < more; i++) {
          input.addToken(tokens[s][fed[s]], fed[s]++, true);
        }
      }
      if (input.tokenCount() > 0) {
        checkRows(plan.step(input), before, fed, wanted, vocabulary, "seed " + seed);
      }
    }
  }

  private static void checkRows(
      float[] logits, int[] before, int[] fed, float[][] wanted, int vocabulary, String context) {
    int row = 0;
    for (int s = 0; s < fed.length; s++) {
      for (int position = before[s]; position < fed[s]; position++, row++) {
        assertArrayEquals(
            Arrays.copyOfRange(wanted[s], position * vocabulary, (position + 1) * vocabulary),
            Arrays.copyOfRange(logits, row * vocabulary, (row + 1) * vocabulary),
            context + ", sequence " + s + ", position " + position);
      }
    }
  }

  private static int[] lengths(int[][] tokens) {
    return Arrays.stream(tokens).mapToInt(t -> t.length).toArray();
  }

  private static int[] shuffled(SplittableRandom random) {
    int[] blocks = new int[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
      int j = random.nextInt(i + 1);
      blocks[i] = blocks[j];
      blocks[j] = i;
    }
    return blocks;
  }

  @Test
  void losesLittleInANarrowerCache() {
    withModel(
        (backend, model) -> {
          int[] tokens = new SplittableRandom(1).ints(30, 0, model.vocabulary()).toArray();
          float[][] logits = new float[3][];
          DType[] types = {DType.F32, DType.F16, DType.Q8_0};
          for (int i = 0; i < 3; i++) {
            try (Plan plan = backend.compile(model.graph(), model.weights(), options(types[i]))) {
              logits[i] = alone(plan, tokens, model.vocabulary());
            }
          }
          double half = relativeError(logits[0], logits[1]);
          double q8 = relativeError(logits[0], logits[2]);
          assertTrue(half > 0 && half < 0.01, "F16 is off by " + half);
          assertTrue(q8 > half && q8 < 0.2, "Q8_0 is off by " + q8);
        });
  }

  private static double relativeError(float[] exact, float[] actual) {
    double error = 0;
    double size = 0;
    for (int i = 0; i < exact.length; i++) {
      error += Math.pow(exact[i] - (double) actual[i], 2);
      size += Math.pow(exact[i], 2);
    }
    return Math.sqrt(error / size);
  }

  @Test
  void refusesStepsBeyondThePlansLimits() {
    withModel(
        (backend, model) -> {
          Plan plan = backend.compile(model.graph(), model.weights(), options(DType.F32));
          StepInput input = new StepInput();
          input.beginSequence(new int[] {0}, 1);
          input.addToken(model.vocabulary(), 0, true);
          String message =
              assertThrows(BackendException.class, () -> plan.step(input)).getMessage();
          assertEquals("token id must be in 0..59 but is 60", message);
          plan.close();
          plan.close();
          assertEquals(
              "the plan is closed",
              assertThrows(BackendException.class, () -> plan.step(input)).getMessage());
        });
  }

  @Test
  void estimatesWhatAPlanThenHolds() {
    withModel(
        (backend, model) -> {
          PlanOptions options = options(DType.F16);
          MemoryUse estimated = backend.estimate(model.graph(), model.weights(), options);
          try (Plan plan = backend.compile(model.graph(), model.weights(), options)) {
            assertEquals(estimated, plan.memory());
          }
          // Two layers of keys and values of 2 heads of 8 floats for every slot.
          assertEquals(2L * 2 * 16 * 4 * BLOCKS * BLOCK, estimated.kvCache());
          assertEquals(0, estimated.weights());
        });
  }

  @Test
  void refusesACacheThatDoesNotFit() {
    withModel(
        (backend, model) -> {
          PlanOptions huge =
              new PlanOptions(
                  64, 4, 64, 1 << 30, 64, DType.F32, ValueObserver.NONE, ProgressListener.NONE);
          String message =
              assertThrows(
                      BackendException.class,
                      () -> backend.compile(model.graph(), model.weights(), huge))
                  .getMessage();
          assertTrue(message.contains("are missing"), message);
        });
  }
}
