package org.slmruntime.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.graph.Graph;
import org.slmruntime.tensor.DType;

/** Runs sequences of tokens through a plan in different divisions into steps. */
public final class Batches {
  /** Most tokens of a step in these cases. */
  public static final int MAX_TOKENS = 64;

  private static final int MAX_SEQUENCES = 8;
  private static final int BLOCKS = 48;

  private Batches() {}

  /** Limits that all cases fit in. */
  public static PlanOptions options(DType kvType, int blockTokens, ValueObserver observer) {
    return new PlanOptions(
        MAX_TOKENS,
        MAX_SEQUENCES,
        MAX_TOKENS,
        BLOCKS,
        blockTokens,
        kvType,
        observer,
        ProgressListener.NONE);
  }

  /**
   * Logits after every token of every sequence, [sequence][token * width].
   *
   * @param chunk tokens of each sequence per step; all sequences advance together
   */
  public static float[][] run(
      Backend backend,
      Graph graph,
      Weights weights,
      PlanOptions options,
      List<int[]> sequences,
      int chunk,
      long seed) {
    int[] chunks = new int[sequences.size()];
    Arrays.fill(chunks, chunk);
    return run(backend, graph, weights, options, sequences, chunks, seed);
  }

  /**
   * The same with sequences that advance at different speeds.
   *
   * @param chunks tokens per step of each sequence
   */
  public static float[][] run(
      Backend backend,
      Graph graph,
      Weights weights,
      PlanOptions options,
      List<int[]> sequences,
      int[] chunks,
      long seed) {
    try (Plan plan = backend.compile(graph, weights, options)) {
      return run(plan, graph.outputWidth(), options, sequences, chunks, seed);
    }
  }

  private static float[][] run(
      Plan plan, int width, PlanOptions options, List<int[]> sequences, int[] chunks, long seed) {
    int[][] tables = blockTables(options, sequences, seed);
    float[][] logits = new float[sequences.size()][];
    Arrays.setAll(logits, s -> new float[sequences.get(s).length * width]);
    for (int step = 0; ; step++) {
      StepInput input = new StepInput();
      List<int[]> rows = new ArrayList<>();
      for (int s = 0; s < sequences.size(); s++) {
        int[] tokens = sequences.get(s);
        int from = step * chunks[s];
        int to = Math.min(tokens.length, from + chunks[s]);
        if (from < to) {
          input.beginSequence(tables[s], tables[s].length);
          for (int p = from; p < to; p++) {
            input.addToken(tokens[p], p, true);
            rows.add(new int[] {s, p});
          }
        }
      }
      if (rows.isEmpty()) {
        return logits;
      }
      float[] out = plan.step(input);
      for (int r = 0; r < rows.size(); r++) {
        int[] row = rows.get(r);
        System.arraycopy(out, r * width, logits[row[0]], row[1] * width, width);
      }
    }
  }

  /** Blocks in no particular order, as after a while of serving. */
  private static int[][] blockTables(PlanOptions options, List<int[]> sequences, long seed) {
    List<Integer> blocks = new ArrayList<>();
    for (int b = 0; b < options.kvBlocks(); b++) {
      blocks.add(b);
    }
    Collections.shuffle(blocks, new Random(seed));
    int[][] tables = new int[sequences.size()][];
    for (int s = 0; s < tables.length; s++) {
      int count = Math.ceilDiv(sequences.get(s).length, options.kvBlockTokens());
      tables[s] = new int[count];
      for (int i = 0; i < count; i++) {
        tables[s][i] = blocks.removeLast();
      }
    }
    return tables;
  }
}
