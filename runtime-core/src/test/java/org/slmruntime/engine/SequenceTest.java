package org.slmruntime.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.testing.TinyLlama;

/** Sequences of a {@link ModelRunner}. */
class SequenceTest {
  private static final int LENGTH = 70;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() {
    file = new TinyLlama(7).write(folder);
  }

  private ModelRunner open() {
    return ModelRunner.open(
        file, ModelOptions.defaults().backend("reference").contextLength(LENGTH).notice(_ -> {}));
  }

  private int[] tokens(ModelRunner runner, int count) {
    return random.ints(count, 0, runner.model().vocabulary()).toArray();
  }

  private static float[] last(ModelRunner runner, ModelRunner.Sequence sequence, int[] tokens) {
    float[][] row = new float[1][];
    int vocabulary = runner.model().vocabulary();
    runner.forwardLast(
        sequence,
        tokens,
        (_, logits, offset) -> row[0] = Arrays.copyOfRange(logits, offset, offset + vocabulary));
    return row[0];
  }

  @Test
  void continuesFromWhereItWasCut() {
    try (ModelRunner runner = open();
        ModelRunner.Sequence cut = runner.newSequence()) {
      int kept = random.nextInt(1, LENGTH - 1);
      int[] start = tokens(runner, kept);
      int[] more = tokens(runner, random.nextInt(1, LENGTH - kept + 1));
      last(runner, cut, start);
      float[] expected = last(runner, cut, more);
      cut.truncate(kept);
      last(runner, cut, tokens(runner, LENGTH - kept));
      cut.truncate(kept);
      assertEquals(kept, cut.length());
      assertArrayEquals(expected, last(runner, cut, more), "seed " + seed);
    }
  }

  @Test
  void refusesToBeCutToMoreThanItHas() {
    try (ModelRunner runner = open();
        ModelRunner.Sequence sequence = runner.newSequence()) {
      last(runner, sequence, tokens(runner, 5));
      for (int length : new int[] {-1, 6}) {
        String message =
            assertThrows(EngineException.class, () -> sequence.truncate(length)).getMessage();
        assertTrue(message.contains("5") && message.contains("" + length), message);
      }
    }
  }
}
