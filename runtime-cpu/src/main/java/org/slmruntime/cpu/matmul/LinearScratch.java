package org.slmruntime.cpu.matmul;

import org.slmruntime.cpu.vector.Lanes;

/** One thread's working memory for matrix products of up to a width. */
public final class LinearScratch {
  /** Decoded rows. */
  final float[] tile;

  /** For {@link Lanes#sums}. */
  final float[] lanes = new float[Lanes.SCRATCH];

  /**
   * @param columns of the widest matrix
   */
  public LinearScratch(int columns) {
    tile = new float[Math.toIntExact(floats(columns))];
  }

  /** Floats held. */
  public static long floats(int columns) {
    return LinearKernel.largestTile(columns);
  }
}
