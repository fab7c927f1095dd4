package org.slmruntime.train.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.train.TrainException;

class EpochOrderTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  private static int[] epoch(EpochOrder order, int count, long number) {
    return IntStream.range(0, count).map(i -> order.at(number * count + i)).toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 1000})
  void anEpochHasEveryExampleOnce(int count) {
    EpochOrder order = new EpochOrder(count, seed);
    for (long number : new long[] {0, 1, 5, 1L << 40}) {
      int[] sorted = epoch(order, count, number);
      Arrays.sort(sorted);
      assertArrayEquals(IntStream.range(0, count).toArray(), sorted, "seed " + seed);
    }
  }

  @Test
  void epochsAndSeedsHaveOrdersOfTheirOwn() {
    int[] first = epoch(new EpochOrder(100, seed), 100, 0);
    assertFalse(Arrays.equals(first, epoch(new EpochOrder(100, seed), 100, 1)), "seed " + seed);
    assertFalse(Arrays.equals(first, epoch(new EpochOrder(100, seed + 1), 100, 0)), "seed " + seed);
  }

  @Test
  void aPlaceHasItsExampleWhereverTheTrainingBegins() {
    EpochOrder straight = new EpochOrder(10, seed);
    int[] all = IntStream.range(0, 50).map(straight::at).toArray();
    EpochOrder back = new EpochOrder(10, seed);
    for (int place = 49; place >= 0; place--) {
      assertEquals(all[place], back.at(place), "seed " + seed);
    }
  }

  @Test
  void refusesToOrderNothing() {
    assertThrows(TrainException.class, () -> new EpochOrder(0, 1));
  }
}
