package org.slmruntime.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BlockPoolTest {
  @Test
  void handsOutEveryBlockOnceAndThenNone() {
    BlockPool pool = new BlockPool(100);
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      int block = pool.allocate();
      assertTrue(block >= 0 && block < 100, "block " + block);
      assertTrue(seen.add(block), "block " + block + " twice");
    }
    assertEquals(-1, pool.allocate());
    assertEquals(0, pool.freeCount());
    assertEquals(100, pool.total());
  }

  @Test
  void refusesToTakeABlockBackTwice() {
    BlockPool pool = new BlockPool(2);
    int block = pool.allocate();
    pool.release(block);
    String message =
        assertThrows(IllegalStateException.class, () -> pool.release(block)).getMessage();
    assertEquals("block " + block + " is not in use", message);
    assertThrows(IllegalStateException.class, () -> pool.release(1));
    assertEquals(2, pool.freeCount());
  }

  @Test
  void keepsCountThroughRandomOperations() {
    for (int seed = 0; seed < 100; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      BlockPool pool = new BlockPool(1 + random.nextInt(20));
      List<Integer> used = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        if (random.nextBoolean()) {
          int block = pool.allocate();
          assertEquals(used.size() == pool.total(), block < 0, "seed " + seed);
          assertFalse(used.contains(block), "seed " + seed + ": block " + block + " twice");
          if (block >= 0) {
            used.add(block);
          }
        } else if (!used.isEmpty()) {
          pool.release(used.remove(random.nextInt(used.size())));
        }
        assertEquals(pool.total() - used.size(), pool.freeCount(), "seed " + seed);
      }
    }
  }
}
