package org.slmruntime.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MachineTest {
  @Test
  void describesTheMachineTheTestRunsOn() {
    Machine machine = Machine.probe();
    assertFalse(machine.processor().isBlank());
    assertEquals(Runtime.getRuntime().availableProcessors(), machine.cores());
    assertTrue(machine.memoryBytes() > 64L << 20, machine::toString);
  }

  @Test
  void hasNoMoreMemoryAvailableThanInAll() {
    long available = Machine.availableMemory();
    assertTrue(available > 0 && available <= Machine.probe().memoryBytes(), () -> "" + available);
  }
}
