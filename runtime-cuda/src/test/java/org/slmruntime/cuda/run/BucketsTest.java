package org.slmruntime.cuda.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Classes of recorded decode steps. */
class BucketsTest {
  private static final int BLOCK_TOKENS = 32;

  /** What a step copies grows with its context, not with the cache. */
  @Test
  void tablesAreAtMostEightTimesAsLongAsTheContext() {
    for (int context = 512; context <= 65_536; context++) {
      int blocks = Buckets.blocks(Buckets.contextClass(context), BLOCK_TOKENS);
      assertTrue(blocks * BLOCK_TOKENS >= context, "context " + context);
      assertTrue(blocks * BLOCK_TOKENS <= 8 * context, "context " + context);
    }
  }

  /** Documented: the bits of a result change at 64, 512 and 4096 tokens. */
  @Test
  void longContextsAreSplitAlike() {
    for (int context = 4097; context > 0; context *= 2) {
      assertEquals(Buckets.MAX_SPLITS, Buckets.SPLITS[Buckets.contextClass(context)]);
    }
  }

  @Test
  void everyClassOfStepsHasAPlaceOfItsOwn() {
    Set<Integer> places = new HashSet<>();
    for (int batch = 1; batch <= Buckets.MAX_BATCH; batch *= 2) {
      for (int c = 0; c < Buckets.SPLITS.length; c++) {
        places.add(Buckets.index(batch, c));
      }
    }
    assertEquals(Buckets.COUNT, places.size());
    assertTrue(places.stream().allMatch(place -> place >= 0 && place < Buckets.COUNT));
  }
}
