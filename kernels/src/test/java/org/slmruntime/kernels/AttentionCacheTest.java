package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.slmruntime.ptx.Dim3;

/** The cache's layout that the attention tests build is the one that the append kernel writes. */
class AttentionCacheTest {
  private static final int KV_HEADS = 3;
  private static final int BLOCKS = 4;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void appendWritesTheRowsThatAttentionReads() {
    for (CacheFormat format : CacheFormat.values()) {
      for (int[] sizes : new int[][] {{7, 40}, {64, 64}, {96, 33}}) {
        try (KernelLab lab = new KernelLab(seed)) {
          check(lab, format, sizes[0], sizes[1], 1 + random.nextInt(8));
        }
      }
    }
  }

  private void check(
      KernelLab lab, CacheFormat format, int keySize, int valueSize, int blockTokens) {
    CacheRegion[] stored = regions(lab, format, keySize, valueSize, blockTokens);
    CacheRegion[] appended = regions(lab, format, keySize, valueSize, blockTokens);
    int block = random.nextInt(BLOCKS);
    int row = random.nextInt(blockTokens);
    float[][] keys = rows(keySize);
    float[][] values = rows(valueSize);
    for (int head = 0; head < KV_HEADS; head++) {
      stored[0].store(block, head, row, keys[head]);
      stored[1].store(block, head, row, values[head]);
    }
    append(lab, format, appended, keys, values, block, row, blockTokens);
    for (int head = 0; head < KV_HEADS; head++) {
      for (int side = 0; side < 2; side++) {
        assertArrayEquals(
            stored[side].row(block, head, row),
            appended[side].row(block, head, row),
            format + " " + keySize + " " + valueSize + " head " + head + ", seed " + seed);
      }
    }
  }

  private static CacheRegion[] regions(
      KernelLab lab, CacheFormat format, int keySize, int valueSize, int blockTokens) {
    return new CacheRegion[] {
      new CacheRegion(lab, format, BLOCKS, KV_HEADS, keySize, blockTokens),
      new CacheRegion(lab, format, BLOCKS, KV_HEADS, valueSize, blockTokens)
    };
  }

  private float[][] rows(int size) {
    float[][] rows = new float[KV_HEADS][size];
    for (float[] row : rows) {
      for (int i = 0; i < size; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    return rows;
  }

  private static float[] flat(float[][] rows) {
    float[] all = new float[rows.length * rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, all, i * rows[i].length, rows[i].length);
    }
    return all;
  }

  private static void append(
      KernelLab lab,
      CacheFormat format,
      CacheRegion[] regions,
      float[][] keys,
      float[][] values,
      int block,
      int row,
      int blockTokens) {
    int keySize = keys[0].length;
    int valueSize = values[0].length;
    lab.launch(
        "append_" + format.suffix(),
        new Dim3(1, Math.ceilDiv(2 * KV_HEADS, 4), 1),
        new Dim3(32, 4, 1),
        0L,
        0,
        lab.upload(flat(keys)),
        KV_HEADS * keySize,
        lab.upload(flat(values)),
        KV_HEADS * valueSize,
        0L,
        0L,
        0f,
        0L,
        0,
        0,
        0,
        KV_HEADS,
        keySize,
        valueSize,
        regions[0].address(),
        regions[1].address(),
        lab.upload(7, block),
        2,
        lab.upload(0),
        lab.upload(blockTokens + row),
        blockTokens);
  }
}
