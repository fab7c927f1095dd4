package org.slmruntime.natives;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MachineTest {
  @Test
  void describesTheMachineTheTestRunsOn() {
    Machine machine = Machine.probe();
    assertFalse(machine.processor().isBlank());
    assertTrue(machine.cores() >= 1, machine::toString);
    assertTrue(machine.cores() <= Runtime.getRuntime().availableProcessors(), machine::toString);
    assertTrue(machine.memoryBytes() > 64L << 20, machine::toString);
  }

  @Test
  void hasNoMoreMemoryAvailableThanInAll() {
    long available = Machine.availableMemory();
    assertTrue(available > 0 && available <= Machine.probe().memoryBytes(), () -> "" + available);
  }
}
