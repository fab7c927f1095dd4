package org.slmruntime.kv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BlockTableTest {
  @Test
  void takesABlockForEachStartedRunOfTokens() {
    BlockTable table = new BlockTable(new BlockPool(10), 4);
    assertTrue(table.reserve(0));
    assertEquals(0, table.count());
    assertTrue(table.reserve(1));
    assertEquals(1, table.count());
    assertTrue(table.reserve(4));
    assertEquals(1, table.count());
    assertTrue(table.reserve(5));
    assertEquals(2, table.count());
  }

  @Test
  void takesNothingWhereThePoolHasTooFew() {
    BlockPool pool = new BlockPool(3);
    BlockTable table = new BlockTable(pool, 4);
    assertTrue(table.reserve(8));
    assertFalse(table.reserve(13));
    assertEquals(2, table.count());
    assertEquals(1, pool.freeCount());
    assertTrue(table.reserve(12));
  }

  @Test
  void givesEverythingBackAndMayBeUsedAgain() {
    BlockPool pool = new BlockPool(3);
    BlockTable table = new BlockTable(pool, 4);
    assertTrue(table.reserve(12));
    table.release();
    table.release();
    assertEquals(3, pool.freeCount());
    assertEquals(0, table.count());
    assertTrue(table.reserve(12));
  }

  @Test
  void sharesNoBlockAmongTablesThroughRandomOperations() {
    for (int seed = 0; seed < 100; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int blockTokens = 1 + random.nextInt(8);
      BlockPool pool = new BlockPool(60);
      BlockTable[] tables = new BlockTable[5];
      Arrays.setAll(tables, _ -> new BlockTable(pool, blockTokens));
      int[] tokens = new int[tables.length];
      for (int i = 0; i < 200; i++) {
        int t = random.nextInt(tables.length);
        if (random.nextInt(5) == 0) {
          tables[t].release();
          tokens[t] = 0;
        } else {
          grow(tables[t], pool, blockTokens, tokens, t, random.nextInt(100), "seed " + seed);
        }
        checkApart(tables, pool, "seed " + seed);
      }
    }
  }

  private static void grow(
      BlockTable table, BlockPool pool, int size, int[] tokens, int t, int more, String context) {
    int wanted = tokens[t] + more;
    int[] before = Arrays.copyOf(table.blocks(), table.count());
    boolean fits = (wanted + size - 1) / size - table.count() <= pool.freeCount();
    assertEquals(fits, table.reserve(wanted), context);
    assertArrayEquals(before, Arrays.copyOf(table.blocks(), before.length), context);
    tokens[t] = fits ? wanted : tokens[t];
    assertEquals((tokens[t] + size - 1) / size, table.count(), context);
  }

  private static void checkApart(BlockTable[] tables, BlockPool pool, String context) {
    Set<Integer> seen = new HashSet<>();
    int count = 0;
    for (BlockTable table : tables) {
      for (int i = 0; i < table.count(); i++) {
        seen.add(table.blocks()[i]);
        count++;
      }
    }
    assertEquals(count, seen.size(), context);
    assertEquals(pool.total() - count, pool.freeCount(), context);
  }
}
