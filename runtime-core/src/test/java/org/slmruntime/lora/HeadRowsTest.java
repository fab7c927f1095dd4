package org.slmruntime.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HeadRowsTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  /** As in the description of GGUF's rows: [2, size / 2] of each head becomes [size / 2, 2]. */
  @Test
  void hasTheHalvesOfEachHeadInTurns() {
    HeadRows rows = new HeadRows(2, 6);
    assertArrayEquals(
        new int[] {0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11},
        IntStream.range(0, 12).map(rows::inTransformers).toArray());
  }

  @Test
  void goesBothWays() {
    Random random = new Random(seed);
    int columns = 1 + random.nextInt(5);
    HeadRows rows = new HeadRows(1 + random.nextInt(4), 2 * (1 + random.nextInt(5)));
    float[] gguf = AdapterFiles.random(random, rows.heads() * rows.size() * columns);
    float[] transformers = rows.toTransformers(gguf, columns);
    byte[] bytes = new byte[4 * transformers.length];
    MemorySegment stored = MemorySegment.ofArray(bytes);
    for (int i = 0; i < transformers.length; i++) {
      stored.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, transformers[i]);
    }
    float[] back = rows.toGguf(stored, 4L * columns).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    assertArrayEquals(gguf, back, "seed " + seed);
  }
}
