package org.slmruntime.benchmarks.compare;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;

/** The tokens of one step, each of one sequence, as llama.cpp takes them. */
final class LlamaBatch {
  private final MemorySegment struct;
  private final MemorySegment tokens;
  private final MemorySegment positions;
  private final MemorySegment sequences;
  private final MemorySegment wanted;

  /** Makes room for {@code capacity} tokens that lives as long as {@code arena}. */
  LlamaBatch(Arena arena, int capacity) {
    tokens = arena.allocate(JAVA_INT, capacity);
    positions = arena.allocate(JAVA_INT, capacity);
    sequences = arena.allocate(JAVA_INT, capacity);
    wanted = arena.allocate(JAVA_BYTE, capacity);
    MemorySegment counts = arena.allocate(JAVA_INT, capacity);
    MemorySegment lists = arena.allocate(ADDRESS, capacity);
    for (int i = 0; i < capacity; i++) {
      counts.setAtIndex(JAVA_INT, i, 1);
      lists.setAtIndex(ADDRESS, i, sequences.asSlice((long) i * Integer.BYTES));
    }
    struct = arena.allocate(LlamaFunctions.BATCH);
    point("token", tokens);
    point("pos", positions);
    point("n_seq_id", counts);
    point("seq_id", lists);
    point("logits", wanted);
  }

  private void point(String field, MemorySegment array) {
    struct.set(ADDRESS, LlamaFunctions.BATCH.byteOffset(PathElement.groupElement(field)), array);
  }

  void put(int index, int token, int position, int sequence, boolean isWanted) {
    tokens.setAtIndex(JAVA_INT, index, token);
    positions.setAtIndex(JAVA_INT, index, position);
    sequences.setAtIndex(JAVA_INT, index, sequence);
    wanted.setAtIndex(JAVA_BYTE, index, (byte) (isWanted ? 1 : 0));
  }

  /** The structure for the first {@code count} tokens. */
  MemorySegment of(int count) {
    struct.set(JAVA_INT, 0, count);
    return struct;
  }
}
