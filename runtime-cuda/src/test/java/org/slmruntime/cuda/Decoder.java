package org.slmruntime.cuda;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.cuda.testing.LlamaGraph;
import org.slmruntime.tensor.DType;

/** Feeds sequences of random tokens to a plan, each with blocks of its own. */
final class Decoder {
  static final int BLOCK_TOKENS = 8;
  static final int BLOCKS_EACH = 12;
  static final int MAX_SEQUENCES = 20;

  private final Plan plan;
  private final int[][] tokens;
  private final int[] positions;
  private final StepInput input = new StepInput();

  Decoder(Plan plan, long seed) {
    this.plan = plan;
    Random random = new Random(seed);
    this.tokens =
        IntStream.range(0, MAX_SEQUENCES)
            .mapToObj(_ -> random.ints(96, 0, LlamaGraph.VOCABULARY).toArray())
            .toArray(int[][]::new);
    this.positions = new int[MAX_SEQUENCES];
  }

  static PlanOptions options(DType kvType) {
    return new PlanOptions(
        64,
        MAX_SEQUENCES,
        64,
        MAX_SEQUENCES * BLOCKS_EACH,
        BLOCK_TOKENS,
        kvType,
        ValueObserver.NONE,
        ProgressListener.NONE);
  }

  /** Appends {@code count} tokens to each of the sequences; logits after every one, in order. */
  float[] step(int count, int... sequences) {
    return step(IntStream.of(sequences).map(_ -> count).toArray(), sequences);
  }

  /** The same with a count for each sequence. */
  float[] step(int[] counts, int... sequences) {
    input.clear();
    for (int i = 0; i < sequences.length; i++) {
      add(sequences[i], counts[i]);
    }
    float[] logits = plan.step(input);
    return Arrays.copyOf(logits, input.outputCount() * LlamaGraph.VOCABULARY);
  }

  private void add(int sequence, int count) {
    int[] blocks = IntStream.range(0, BLOCKS_EACH).map(b -> block(sequence, b)).toArray();
    input.beginSequence(blocks, blocks.length);
    for (int i = 0; i < count; i++) {
      int position = positions[sequence]++;
      input.addToken(tokens[sequence][position], position, true);
    }
  }

  /** In no order. */
  private static int block(int sequence, int index) {
    return (sequence * BLOCKS_EACH + index) * 7 % (MAX_SEQUENCES * BLOCKS_EACH);
  }

  /** One row of a step's logits. */
  static float[] row(float[] logits, int row) {
    int at = row * LlamaGraph.VOCABULARY;
    return Arrays.copyOfRange(logits, at, at + LlamaGraph.VOCABULARY);
  }

  static int[] range(int count) {
    return IntStream.range(0, count).toArray();
  }

  static List<DType> kvTypes() {
    return List.of(DType.F32, DType.F16, DType.Q8_0);
  }
}
