package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slmruntime.tensor.DType;

final class CacheLayoutTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  @ParameterizedTest
  @EnumSource(CacheFormat.class)
  void givesChunksTheBytesThatTheirRowsTake(CacheFormat format) {
    DType type = DType.valueOf(format.name());
    for (int round = 0; round < 100; round++) {
      int size = 1 + random.nextInt(512);
      int blockTokens = 1 + random.nextInt(40);
      assertEquals(
          format.chunkBytes(size, blockTokens),
          CacheLayout.chunkBytes(type, size, blockTokens),
          blockTokens + " rows of " + size + ", seed " + seed);
    }
  }
}
