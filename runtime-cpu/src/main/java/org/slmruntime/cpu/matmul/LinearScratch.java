package org.slmruntime.cpu.matmul;

import org.slmruntime.cpu.packed.PackedScratch;
import org.slmruntime.cpu.vector.LaneBlocks;
import org.slmruntime.cpu.vector.Lanes;
import org.slmruntime.cpu.vector.RowScratch;

/** One thread's working memory for matrix products of up to a width. */
public final class LinearScratch {
  /** Most rows that are worked on together. */
  static final int ROWS = PanelProduct.MAX_ROWS;

  /** Vectors of a tile of four rows and four tokens. */
  private static final int TILE = 16;

  private static final int WORK =
      LaneBlocks.workFloats(
          Math.max(SplitTokens.PIECE / LaneBlocks.SIZE, PanelProduct.STRIP / Lanes.COUNT));

  /** Four decoded rows. */
  final float[] decoded;

  /** Rows on their way from their stored form. */
  final RowScratch rows;

  /** Lanes of one token's sums. */
  final float[] lanes = new float[Lanes.SCRATCH];

  /** What the lanes add up to. */
  final float[] results = new float[4 * ROWS];

  /** Some columns of decoded rows, then all of them as {@link PanelProduct} wants them. */
  final float[] strip = new float[PanelProduct.STRIP_FLOATS];

  /** Blocks that are being transposed. */
  final float[] work = new float[WORK];

  final float[] panel = new float[PanelProduct.PANEL_FLOATS];

  /** Sums of lanes that are not added up yet. */
  final float[] sums = new float[PanelProduct.SUM_FLOATS];

  /** What was read only to bring it into the caches. */
  int touched;

  /** What becomes of packed weights. */
  final PackedScratch packed = new PackedScratch();

  /**
   * @param columns of the widest matrix
   */
  public LinearScratch(int columns) {
    decoded = new float[4 * columns];
    rows = new RowScratch(columns);
  }

  /** Bytes held. */
  public static long byteSize(int columns) {
    long panels =
        (long) PanelProduct.STRIP_FLOATS + PanelProduct.PANEL_FLOATS + PanelProduct.SUM_FLOATS;
    long floats = panels + 4L * columns + WORK + Lanes.SCRATCH + 4 * ROWS;
    return floats * Float.BYTES + RowScratch.byteSize(columns) + PackedScratch.byteSize();
  }

  /**
   * Adds up the lanes of tiles of four rows and four tokens, which lie in {@link #sums}, and stores
   * the results: {@code out[(token + t) * stride + row + r]} for the rows and tokens that there
   * are.
   */
  void storeTiles(float[] out, int stride, int row, int rowCount, int token, int tokenCount) {
    int tiles = Math.ceilDiv(rowCount, 4);
    LaneBlocks.sums(sums, 0, tiles * TILE / Lanes.COUNT, results, 0);
    for (int t = 0; t < tokenCount; t++) {
      int to = (token + t) * stride + row;
      for (int r = 0; r < rowCount; r++) {
        out[to + r] = results[r / 4 * TILE + 4 * t + r % 4];
      }
    }
  }
}
