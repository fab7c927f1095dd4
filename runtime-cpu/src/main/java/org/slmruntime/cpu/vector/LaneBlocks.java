package org.slmruntime.cpu.vector;

import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Square blocks of as many vectors as there are lanes. Both methods exchange lanes that are {@code
 * COUNT / 2, ..., 2, 1} apart between vectors that are as far apart. Lanes move by loading a vector
 * from some lanes before or after it, which is faster than to permute it.
 */
public final class LaneBlocks {
  /** Floats of a block. */
  public static final int SIZE = COUNT * COUNT;

  /**
   * From one block to the next in working memory: far enough that no vector is loaded partly from
   * what was stored just before, for which the processor would have to wait.
   */
  private static final int WORK_BLOCK = COUNT + COUNT / 4;

  /** For each distance d, one bit for each lane l with l & d set. */
  private static final long[] UPPER = new long[COUNT];

  static {
    for (int d = 1; d < COUNT; d++) {
      for (int lane = 0; lane < COUNT; lane++) {
        UPPER[d] |= (lane & d) == 0 ? 0 : 1L << lane;
      }
    }
  }

  private LaneBlocks() {}

  /**
   * {@code out[o + i]} becomes the sum of the lanes of vector i, halves added to halves as {@link
   * Lanes#sums} does, to the bit. Several blocks at once fill each other's latencies.
   *
   * @param lanes {@code blocks * SIZE} floats from {@code at}, which are lost
   */
  public static void sums(float[] lanes, int at, int blocks, float[] out, int o) {
    int end = at + blocks * SIZE;
    for (int d = COUNT / 2; d >= 1; d /= 2) {
      for (int block = at; block < end; block += SIZE) {
        fold(lanes, block, d);
      }
    }
    for (int i = 0; i < blocks; i++) {
      FloatVector.fromArray(FLOATS, lanes, at + i * SIZE).intoArray(out, o + i * COUNT);
    }
  }

  private static void fold(float[] lanes, int at, int d) {
    VectorMask<Float> upper = VectorMask.fromLong(FLOATS, UPPER[d]);
    int other = at + d * COUNT;
    for (int i = 0; i < d * COUNT; i += COUNT) {
      FloatVector a = FloatVector.fromArray(FLOATS, lanes, at + i);
      FloatVector b = FloatVector.fromArray(FLOATS, lanes, other + i);
      FloatVector later = FloatVector.fromArray(FLOATS, lanes, at + i + d);
      FloatVector sooner = FloatVector.fromArray(FLOATS, lanes, other + i - d);
      a.blend(sooner, upper).add(later.blend(b, upper)).intoArray(lanes, at + i);
    }
  }

  /** Floats of working memory for so many blocks. */
  public static int workFloats(int blocks) {
    return blocks * COUNT * WORK_BLOCK;
  }

  /**
   * Transposes several blocks: {@code target[to + b * targetBlock + c * targetRow + r] =
   * source[from + b * sourceBlock + r * sourceRow + c]}.
   *
   * @param sourceRow from one row of a block to the next, at least {@code COUNT}
   * @param sourceBlock from one block to the next; likewise for the target
   * @param work {@link #workFloats} floats
   */
  public static void transpose(
      int blocks,
      float[] source,
      int from,
      int sourceRow,
      int sourceBlock,
      float[] target,
      int to,
      int targetRow,
      int targetBlock,
      float[] work) {
    int row = blocks * WORK_BLOCK;
    exchange(COUNT / 2, blocks, source, from, sourceRow, sourceBlock, work, 0, row, WORK_BLOCK);
    for (int d = COUNT / 4; d >= 2; d /= 2) {
      exchange(d, blocks, work, 0, row, WORK_BLOCK, work, 0, row, WORK_BLOCK);
    }
    exchange(1, blocks, work, 0, row, WORK_BLOCK, target, to, targetRow, targetBlock);
  }

  private static void exchange(
      int d,
      int blocks,
      float[] source,
      int from,
      int sourceRow,
      int sourceBlock,
      float[] target,
      int to,
      int targetRow,
      int targetBlock) {
    for (int k = 0; k < COUNT / 2; k++) {
      int i = (k & -d) * 2 + (k & d - 1);
      int f = from + i * sourceRow;
      int t = to + i * targetRow;
      exchangeRows(
          d, blocks, source, f, d * sourceRow, sourceBlock, target, t, d * targetRow, targetBlock);
    }
  }

  /** Two rows of each block, {@code other} and {@code targetOther} apart. */
  private static void exchangeRows(
      int d,
      int blocks,
      float[] source,
      int from,
      int other,
      int sourceBlock,
      float[] target,
      int to,
      int targetOther,
      int targetBlock) {
    VectorMask<Float> upper = VectorMask.fromLong(FLOATS, UPPER[d]);
    int t = to;
    int f = from;
    for (int i = 0; i < blocks; i++) {
      FloatVector a = FloatVector.fromArray(FLOATS, source, f);
      FloatVector b = FloatVector.fromArray(FLOATS, source, f + other);
      FloatVector later = FloatVector.fromArray(FLOATS, source, f + d);
      FloatVector sooner = FloatVector.fromArray(FLOATS, source, f + other - d);
      a.blend(sooner, upper).intoArray(target, t);
      later.blend(b, upper).intoArray(target, t + targetOther);
      f += sourceBlock;
      t += targetBlock;
    }
  }
}
