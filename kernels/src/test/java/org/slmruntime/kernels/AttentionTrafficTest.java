package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.slmruntime.kernels.AttentionLab.Options;
import org.slmruntime.kernels.AttentionLab.Shape;
import org.slmruntime.kernels.AttentionLab.Tokens;
import org.slmruntime.ptx.Counters;
import org.slmruntime.ptx.PtxOptions;

class AttentionTrafficTest {
  private static final int SECTOR = 32;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  private int any(int... choices) {
    return choices[random.nextInt(choices.length)];
  }

  @Test
  void readsEachSeenKeyAndValueOnceForEightHeads() {
    for (CacheFormat format : CacheFormat.values()) {
      for (int size : new int[] {64, 128, 256}) {
        readsOnce(Shape.of(format, 2 * any(1, 2, 4, 8), 2, size, any(1, 5, 16)), any(1, 3), 0);
      }
    }
    readsOnce(new Shape(CacheFormat.F16, 6, 2, 24, 40, 16), 3, 0);
    readsOnce(new Shape(CacheFormat.F32, 6, 2, 129, 512, 16), 1, 0);
    readsOnce(Shape.of(CacheFormat.F16, 40, 2, 64, 16), 3, 0);
  }

  @Test
  void readsNothingOutsideTheWindow() {
    readsOnce(Shape.of(CacheFormat.F16, 4, 2, 64, 5), 3, 17);
    readsOnce(Shape.of(CacheFormat.Q8_0, 2, 1, 128, 16), 1, 1);
  }

  private void readsOnce(Shape shape, int splits, int window) {
    try (KernelLab lab = new KernelLab(PtxOptions.fast())) {
      int context = 45;
      AttentionLab attention = new AttentionLab(lab, random, shape, context);
      Tokens tokens = attention.tokens(new int[] {0}, new int[] {context - 1});
      lab.memory().trackLoads(true);
      attention.decode(attention.decodeEntry(), tokens, Options.PLAIN.withWindow(window), splits);
      int seen = window == 0 ? context : window;
      long rows = (long) seen * shape.kvHeads() * Math.ceilDiv(shape.group(), 8);
      assertOnce(lab, attention.keyRegion, rows, shape);
      assertOnce(lab, attention.valueRegion, rows, shape);
    }
  }

  private void assertOnce(KernelLab lab, CacheRegion region, long rows, Shape shape) {
    long loaded = lab.memory().loadedBytes(region.address(), region.bytes());
    assertEquals(rows * region.storedBytes(), loaded, shape + ", seed " + seed);
  }

  @Test
  void wastesNoSectorsBanksOrLocalMemoryWhileDecoding() {
    for (int size : new int[] {64, 128}) {
      for (int group : new int[] {4, 8}) {
        try (KernelLab lab = new KernelLab(PtxOptions.fast())) {
          Shape shape = Shape.of(CacheFormat.F16, group, 1, size, 16);
          AttentionLab attention = new AttentionLab(lab, random, shape, 400);
          Tokens tokens = attention.tokens(new int[] {0}, new int[] {399});
          attention.decode(attention.decodeEntry(), tokens, Options.PLAIN, 2);
          assertFrugal(attention.counters(), shape);
        }
      }
    }
  }

  @Test
  void wastesNoSectorsBanksOrLocalMemoryInPrefill() {
    for (int size : new int[] {64, 128}) {
      try (KernelLab lab = new KernelLab(PtxOptions.fast())) {
        Shape shape = Shape.of(CacheFormat.F16, 1, 1, size, 16);
        AttentionLab attention = new AttentionLab(lab, random, shape, 1000);
        int[] positions = new int[16];
        for (int t = 0; t < 16; t++) {
          positions[t] = 984 + t;
        }
        Tokens tokens = attention.tokens(new int[16], positions);
        attention.prefill(tokens, Options.PLAIN, new int[] {0, 16, 0, 984});
        assertFrugal(attention.counters(), shape);
      }
    }
  }

  private void assertFrugal(Counters counters, Shape shape) {
    String message = shape + " " + counters + ", seed " + seed;
    assertTrue(SECTOR * counters.globalLoadSectors() <= 1.1 * counters.globalLoadBytes(), message);
    assertTrue(counters.sharedWavefronts() <= 1.2 * counters.sharedIdealWavefronts(), message);
    assertEquals(0, counters.localAccesses(), message);
  }
}
