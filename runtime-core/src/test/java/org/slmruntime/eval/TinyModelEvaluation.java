package org.slmruntime.eval;

import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.testing.TinyLlama;

/** A small model in a file, and random texts for it. */
abstract class TinyModelEvaluation {
  static final int VOCABULARY = 60;

  @TempDir static Path folder;
  static Path file;

  final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  final SplittableRandom random = new SplittableRandom(seed);

  @BeforeAll
  static void writeModel() {
    file = new TinyLlama(7).write(folder);
  }

  int[] text(int tokens) {
    return random.ints(tokens, 0, VOCABULARY).toArray();
  }
}
