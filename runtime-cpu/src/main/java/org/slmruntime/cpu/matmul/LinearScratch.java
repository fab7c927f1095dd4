package org.slmruntime.cpu.matmul;

import org.slmruntime.cpu.vector.RowScratch;

/** One thread's working memory for matrix products of up to a width. */
public final class LinearScratch {
  /** Decoded rows. */
  final float[] tile;

  /** Rows on their way from their stored form. */
  final RowScratch rows;

  /**
   * @param columns of the widest matrix
   */
  public LinearScratch(int columns) {
    tile = new float[Math.toIntExact(MappedLinear.largestTile(columns))];
    rows = new RowScratch(columns);
  }

  /** Bytes held. */
  public static long byteSize(int columns) {
    return MappedLinear.largestTile(columns) * Float.BYTES + RowScratch.byteSize(columns);
  }
}
