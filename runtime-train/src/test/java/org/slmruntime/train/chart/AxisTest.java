package org.slmruntime.train.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AxisTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  private static List<String> labels(double min, double max) {
    return Axis.around(min, max, 6).ticks().stream().map(Axis::label).toList();
  }

  @Test
  void hasRoundMarks() {
    assertEquals(List.of("0", "200", "400", "600", "800", "1000"), labels(1, 1000));
    assertEquals(List.of("1", "1.5", "2", "2.5", "3", "3.5"), labels(1.24, 3.1));
    assertEquals(List.of("0.1", "0.15", "0.2", "0.25", "0.3"), labels(0.1, 0.3));
    assertEquals(List.of("-0.4", "-0.2", "0", "0.2", "0.4", "0.6"), labels(-0.3, 0.5));
  }

  @Test
  void givesEqualValuesARange() {
    assertEquals(List.of("0", "0.2"), labels(0, 0));
    assertEquals(List.of("3", "3.5"), labels(3, 3));
  }

  @Test
  void holdsEveryRangeInFewMarks() {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 1000; i++) {
      double size = Math.pow(10, random.nextInt(-30, 30));
      double min = size * (random.nextDouble() - 0.5);
      double max = min + size * random.nextDouble() * Math.pow(10, random.nextInt(-8, 1));
      Axis axis = Axis.around(min, max, 6);
      String what = min + " to " + max + " gave " + axis + ", seed " + seed;
      assertTrue(axis.share(min) >= 0 && axis.share(max) <= 1, what);
      assertTrue(axis.ticks().size() >= 2 && axis.ticks().size() <= 8, what);
    }
  }
}
