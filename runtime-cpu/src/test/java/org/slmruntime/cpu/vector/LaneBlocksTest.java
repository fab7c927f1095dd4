package org.slmruntime.cpu.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class LaneBlocksTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final RandomGenerator random = RandomGeneratorFactory.getDefault().create(seed);

  @Test
  void sumsLanesInTheOrderOfSingleVectors() {
    for (int blocks = 1; blocks <= 5; blocks++) {
      float[] lanes = floats(3 + blocks * LaneBlocks.SIZE);
      float[] expected = new float[2 + blocks * Lanes.COUNT];
      Lanes.sums(lanes, 3, blocks * Lanes.COUNT, expected, 2);
      float[] sums = new float[expected.length];
      LaneBlocks.sums(lanes, 3, blocks, sums, 2);
      assertArrayEquals(expected, sums, blocks + " blocks, seed " + seed);
    }
  }

  @Test
  void addsPanelsInTheSameOrder() {
    int stride = 3 * PanelKernels.ROWS;
    float[] sums = floats(5 + Lanes.COUNT * stride);
    float[] expected = new float[stride];
    float[] lanes = new float[Lanes.COUNT];
    for (int i = 0; i < stride; i++) {
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        lanes[lane] = sums[5 + lane * stride + i];
      }
      Lanes.sums(lanes, 0, 1, expected, i);
    }
    PanelKernels.addLanes(sums, 5, stride);
    for (int i = 0; i < stride; i++) {
      assertEquals(expected[i], sums[5 + i], "sum " + i + ", seed " + seed);
    }
  }

  @Test
  void transposesBlocksWhereverTheyLie() {
    int n = Lanes.COUNT;
    for (int blocks = 1; blocks <= 3; blocks++) {
      int sourceRow = n + random.nextInt(3 * n);
      int targetRow = n + random.nextInt(3 * n);
      int sourceBlock = n * sourceRow;
      int targetBlock = n * targetRow;
      float[] source = floats(7 + blocks * sourceBlock);
      float[] target = new float[9 + blocks * targetBlock];
      float[] work = new float[LaneBlocks.workFloats(blocks)];
      LaneBlocks.transpose(
          blocks, source, 7, sourceRow, sourceBlock, target, 9, targetRow, targetBlock, work);
      for (int i = 0; i < blocks * n * n; i++) {
        int b = i / (n * n);
        int r = i / n % n;
        int c = i % n;
        float expected = source[7 + b * sourceBlock + r * sourceRow + c];
        float actual = target[9 + b * targetBlock + c * targetRow + r];
        assertEquals(expected, actual, "block " + b + " " + r + "," + c + ", seed " + seed);
      }
    }
  }

  private float[] floats(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
