package org.slmruntime.backend.spi;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JavaHeapTest {
  @Test
  void doesNotCountGarbageAsTaken() {
    long most = Runtime.getRuntime().maxMemory();
    long needed = most / 10 * 7;
    assertTrue(fill(most / 2) > 0);
    assertTrue(JavaHeap.free(needed) >= needed, () -> JavaHeap.free(needed) + " of " + most);
  }

  @Test
  void neverPromisesMoreThanTheHeapHas() {
    assertTrue(JavaHeap.free(Long.MAX_VALUE) <= Runtime.getRuntime().maxMemory());
  }

  /** Leaves garbage behind. */
  private static int fill(long bytes) {
    List<byte[]> blocks = new ArrayList<>();
    for (long taken = 0; taken < bytes; taken += 1 << 24) {
      blocks.add(new byte[1 << 24]);
    }
    return blocks.size();
  }
}
