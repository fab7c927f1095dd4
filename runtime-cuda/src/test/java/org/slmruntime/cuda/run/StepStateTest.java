package org.slmruntime.cuda.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slmruntime.backend.spi.StepInput;

/** What a step tells the device. */
class StepStateTest {
  private static final int BLOCK_TOKENS = 32;

  private final Capacity capacity = new Capacity(256, 4, 4, 16, BLOCK_TOKENS);
  private final StateLayout layout = StateLayout.of(capacity);
  private final MemorySegment memory = Arena.ofAuto().allocate(layout.bytes(), 256);
  private final StepState state = new StepState(layout, capacity, memory);
  private final StepShape shape = new StepShape();
  private final StepInput input = new StepInput();

  private void add(int first, int count) {
    int blocks = Math.ceilDiv(first + count, BLOCK_TOKENS);
    input.beginSequence(new int[blocks], blocks);
    for (int i = 0; i < count; i++) {
      input.addToken(1, first + i, i == count - 1);
    }
  }

  private List<Integer> tile(int index) {
    List<Integer> values = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      long at = layout.tiles() + (long) index * StateLayout.TILE_BYTES + 4L * i;
      values.add(memory.get(ValueLayout.JAVA_INT, at));
    }
    return values;
  }

  /** Those that see most are started first. */
  @Test
  void longRunsAreTilesFromTheirEndOn() {
    add(7, 1);
    add(100, 150);
    add(0, 64);
    state.write(input, false, shape);
    assertEquals(4, shape.tiles);
    assertEquals(List.of(129, 22, 1, 228), tile(0));
    assertEquals(List.of(65, 64, 1, 164), tile(1));
    assertEquals(List.of(1, 64, 1, 100), tile(2));
    assertEquals(List.of(151, 64, 2, 0), tile(3));
    assertEquals(0, shape.firstLoose);
    assertEquals(1, shape.loose);
  }
}
