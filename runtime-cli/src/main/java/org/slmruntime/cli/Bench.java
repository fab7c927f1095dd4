package org.slmruntime.cli;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.slmruntime.engine.ModelRunner;

/**
 * A model's speed on random tokens, each time from the same depth. Speeds are tokens per second.
 * Used by one thread.
 */
final class Bench {
  private static final int WARM_UP_RUNS = 20;
  private static final long WARM_UP_NANOS = 2_000_000_000L;

  private final ModelRunner runner;
  private final ModelRunner.Sequence[] sequences;
  private final int depth;
  private final SplittableRandom random = new SplittableRandom(1);

  /** Fills the cache of {@code batch} sequences with {@code depth} tokens each. */
  Bench(ModelRunner runner, int batch, int depth) {
    this.runner = runner;
    this.depth = depth;
    sequences = new ModelRunner.Sequence[batch];
    Arrays.setAll(sequences, _ -> filled());
  }

  private ModelRunner.Sequence filled() {
    ModelRunner.Sequence sequence = runner.newSequence();
    runner.forwardLast(sequence, ids(depth), (_, _, _) -> {});
    return sequence;
  }

  /** Warms up what will be measured: a prompt, the decoding of some tokens, or both. */
  void warmUp(int prompt, int decode) {
    if (prompt > 0) {
      warmUp(() -> prefill(prompt));
    }
    if (decode > 0) {
      warmUp(() -> decode(decode));
    }
  }

  /**
   * Runs until the compiler has done its work: for a while, and until a run is no faster than those
   * before it.
   */
  private static void warmUp(DoubleSupplier speed) {
    long start = System.nanoTime();
    double best = 0;
    boolean faster = true;
    for (int i = 0; i < WARM_UP_RUNS; i++) {
      if (!faster && System.nanoTime() - start > WARM_UP_NANOS) {
        return;
      }
      double now = speed.getAsDouble();
      faster = now > 1.02 * best;
      best = Math.max(best, now);
    }
  }

  /** Appends a prompt of {@code tokens} to the first sequence. */
  double prefill(int tokens) {
    sequences[0].truncate(depth);
    int[] ids = ids(tokens);
    long start = System.nanoTime();
    runner.forwardLast(sequences[0], ids, (_, _, _) -> {});
    return Output.perSecond(tokens, System.nanoTime() - start);
  }

  /** Appends {@code tokens} to each sequence, one by one. */
  double decode(int tokens) {
    for (ModelRunner.Sequence sequence : sequences) {
      sequence.truncate(depth);
    }
    long start = System.nanoTime();
    for (int i = 0; i < tokens; i++) {
      runner.decode(sequences, ids(sequences.length));
    }
    return Output.perSecond((long) tokens * sequences.length, System.nanoTime() - start);
  }

  private int[] ids(int count) {
    int vocabulary = runner.model().vocabulary();
    int[] ids = new int[count];
    Arrays.setAll(ids, _ -> random.nextInt(vocabulary));
    return ids;
  }
}
