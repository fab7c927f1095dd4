package org.slmruntime.cuda.run;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.sampling.TokenDraws;

/** Writes what a step tells the device into page-locked memory. Allocates nothing. */
final class StepState {
  private static final int PADDING = -1;

  private final StateLayout layout;
  private final Capacity capacity;
  private final MemorySegment memory;

  StepState(StateLayout layout, Capacity capacity, MemorySegment memory) {
    this.layout = layout;
    this.capacity = capacity;
    this.memory = memory;
  }

  /** Whether each sequence has one token whose logits are wanted, and they are few enough. */
  static boolean isDecode(StepInput input) {
    int n = input.tokenCount();
    boolean decode =
        n <= Buckets.MAX_BATCH && n == input.sequenceCount() && n == input.outputCount();
    for (int i = 0; decode && i < n; i++) {
      decode = input.sequence(i) == i && input.outputToken(i) == i;
    }
    return decode;
  }

  /**
   * Writes a step's state and shape.
   *
   * @param padded whether to fill up to a class of decode steps
   * @return bytes to copy
   */
  long write(StepInput input, boolean padded, StepShape shape) {
    int n = input.tokenCount();
    shape.decode = n == input.sequenceCount();
    shape.tokens = padded ? Buckets.batch(n) : n;
    shape.outputs = padded ? shape.tokens : input.outputCount();
    shape.contextClass = Buckets.contextClass(longest(input));
    shape.tableStride = tableStride(input, padded, shape);
    writeTokens(input, shape);
    writeTiles(input, shape);
    for (int r = 0; r < shape.outputs; r++) {
      put(layout.rows(), r, r < input.outputCount() ? input.outputToken(r) : PADDING);
    }
    return writeTables(input, shape);
  }

  private static int longest(StepInput input) {
    int longest = 0;
    for (int i = 0; i < input.tokenCount(); i++) {
      longest = Math.max(longest, input.position(i) + 1);
    }
    return longest;
  }

  private int tableStride(StepInput input, boolean padded, StepShape shape) {
    int needed = Math.ceilDiv(longest(input), capacity.blockTokens());
    if (needed > capacity.blocks()) {
      throw new BackendException(
          "a sequence of "
              + needed
              + " cache blocks is longer than the cache with its "
              + capacity.blocks());
    }
    // A recorded step has the stride of its class.
    return padded
        ? Math.min(capacity.blocks(), Buckets.blocks(shape.contextClass, capacity.blockTokens()))
        : needed;
  }

  private void writeTokens(StepInput input, StepShape shape) {
    int n = input.tokenCount();
    for (int i = 0; i < shape.tokens; i++) {
      boolean real = i < n;
      put(layout.tokens(), i, real ? input.token(i) : 0);
      put(layout.positions(), i, real ? input.position(i) : PADDING);
      put(layout.loosePositions(), i, real ? input.position(i) : PADDING);
      put(layout.sequences(), i, real ? input.sequence(i) : 0);
    }
  }

  /** Cuts long runs of a sequence's tokens into tiles. */
  private void writeTiles(StepInput input, StepShape shape) {
    int n = input.tokenCount();
    int firstLoose = n;
    int endLoose = 0;
    shape.tiles = 0;
    for (int from = 0; from < n; ) {
      int to = from + 1;
      while (to < n && input.sequence(to) == input.sequence(from)) {
        to++;
      }
      if (to - from <= Capacity.FEW) {
        firstLoose = Math.min(firstLoose, from);
        endLoose = to;
      } else {
        writeTiles(input, from, to, shape);
      }
      from = to;
    }
    shape.firstLoose = Math.min(firstLoose, endLoose);
    shape.loose = endLoose - shape.firstLoose;
  }

  /**
   * The last tiles, which see most, come first: the device starts blocks in order, and would wait
   * for long ones that it started at the end.
   */
  private void writeTiles(StepInput input, int from, int to, StepShape shape) {
    int last = from + (to - from - 1) / Capacity.TILE_ROWS * Capacity.TILE_ROWS;
    for (int first = last; first >= from; first -= Capacity.TILE_ROWS) {
      int at = 4 * shape.tiles++;
      put(layout.tiles(), at, first);
      put(layout.tiles(), at + 1, Math.min(Capacity.TILE_ROWS, to - first));
      put(layout.tiles(), at + 2, input.sequence(first));
      put(layout.tiles(), at + 3, input.position(first));
    }
    for (int i = from; i < to; i++) {
      put(layout.loosePositions(), i, PADDING);
    }
  }

  private long writeTables(StepInput input, StepShape shape) {
    long row = (long) shape.tableStride * Integer.BYTES;
    for (int s = 0; s < input.sequenceCount(); s++) {
      int[] table = input.blockTable(s);
      int count = Math.min(table.length, shape.tableStride);
      MemorySegment.copy(table, 0, memory, ValueLayout.JAVA_INT, layout.tables() + s * row, count);
    }
    return layout.tables() + input.sequenceCount() * row;
  }

  /** Writes the settings of the sampling kernel. */
  void write(TokenDraws draws) {
    for (int row = 0; row < draws.count(); row++) {
      long at = layout.settings() + (long) row * StateLayout.SETTINGS_BYTES;
      memory.set(ValueLayout.JAVA_FLOAT, at, draws.temperature(row));
      memory.set(ValueLayout.JAVA_FLOAT, at + 4, draws.topP(row));
      memory.set(ValueLayout.JAVA_FLOAT, at + 8, draws.minP(row));
      memory.set(ValueLayout.JAVA_FLOAT, at + 12, draws.uniform(row));
      memory.set(ValueLayout.JAVA_INT, at + 16, draws.topK(row));
    }
  }

  private void put(long offset, long index, int value) {
    memory.set(ValueLayout.JAVA_INT, offset + index * Integer.BYTES, value);
  }
}
