package org.slmruntime.cpu.matmul;

import static org.slmruntime.cpu.matmul.SplitTokens.BLOCK;
import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.PanelKernels.ROWS;

import java.util.Arrays;
import org.slmruntime.cpu.vector.LaneBlocks;
import org.slmruntime.cpu.vector.PanelKernels;
import org.slmruntime.cpu.vector.StoredRows;
import org.slmruntime.cpu.vector.Touch;

/**
 * Rows decoded to float32 and multiplied with many tokens. Kernels have rows as their lanes, which
 * needs no sums over lanes and one load for sixteen multiplications. That they still add as one
 * token's kernels do, whose lanes are columns, columns are split: those that are lane l's there are
 * added up by themselves, for each l, and the sums of all l at the end in the order of {@link
 * LaneBlocks#sums}.
 *
 * @param rows of the matrix
 */
record PanelProduct(StoredRows stored, int rows) {
  /** Most rows of a product: tokens are read once for all their panels. */
  static final int MAX_ROWS = 64;

  /** Tokens whose sums are kept while the pieces of a wide matrix are decoded. */
  private static final int TILE = 16 * BLOCK;

  /** Columns decoded together, so few that they stay in the first-level cache. */
  static final int STRIP = 256;

  private static final int PANEL = SplitTokens.PIECE * ROWS;
  static final int PANEL_FLOATS = MAX_ROWS / ROWS * PANEL;
  private static final int BLOCK_SUMS = COUNT * BLOCK * ROWS;
  static final int SUM_FLOATS = COUNT * TILE * MAX_ROWS;
  static final int STRIP_FLOATS = COUNT * STRIP;

  /**
   * As {@link LinearKernel#multiply}, for at most {@link #MAX_ROWS} rows.
   *
   * @param x tokens in the layout of {@link SplitTokens}
   */
  void multiply(
      float[] x, int tokens, float[] out, int firstRow, int lastRow, LinearScratch scratch) {
    SplitTokens split = new SplitTokens(stored.columns());
    int panels = Math.ceilDiv(lastRow - firstRow, ROWS);
    for (int t = 0; t < tokens; t += TILE) {
      int last = Math.min(tokens, t + TILE);
      for (int piece = 0; piece < split.pieces(); piece++) {
        if (t == 0 || split.pieces() > 1) {
          decode(split, piece, firstRow, lastRow, scratch);
        }
        multiplyPiece(split, piece, x, t, last, panels, scratch);
      }
      store(out, firstRow, lastRow, t, last, scratch.sums);
    }
  }

  private void decode(
      SplitTokens split, int piece, int firstRow, int lastRow, LinearScratch scratch) {
    touch(split, piece, firstRow, lastRow, scratch);
    for (int row = firstRow; row < lastRow; row += COUNT) {
      int panel = (row - firstRow) / ROWS * PANEL;
      int half = (row - firstRow) % ROWS;
      decodeHalf(split, piece, row, Math.min(lastRow, row + COUNT), scratch, panel + half);
    }
  }

  private void touch(
      SplitTokens split, int piece, int firstRow, int lastRow, LinearScratch scratch) {
    long skipped = stored.type().byteSize(split.firstColumn(piece));
    long bytes = Math.min(stored.type().byteSize(SplitTokens.PIECE), stored.rowBytes() - skipped);
    for (int row = firstRow; row < lastRow; row++) {
      scratch.touched += Touch.lines(stored.data(), row * stored.rowBytes() + skipped, bytes);
    }
  }

  /** Writes COUNT rows of a panel, which is [lane][groups][ROWS]. */
  private void decodeHalf(
      SplitTokens split, int piece, int first, int last, LinearScratch scratch, int at) {
    int groups = split.groups(piece);
    int columns = Math.min(stored.columns() - split.firstColumn(piece), groups * COUNT);
    for (int c = 0; c < columns; c += STRIP) {
      int count = Math.min(STRIP, columns - c);
      decodeStrip(split.firstColumn(piece) + c, count, first, last, scratch);
      LaneBlocks.transpose(
          Math.ceilDiv(count, COUNT),
          scratch.strip,
          0,
          STRIP,
          COUNT,
          scratch.panel,
          at + c / COUNT * ROWS,
          groups * ROWS,
          ROWS,
          scratch.work);
    }
  }

  private void decodeStrip(int column, int count, int first, int last, LinearScratch scratch) {
    for (int row = first; row < last; row++) {
      int at = (row - first) * STRIP;
      stored.decode(row, column, count, scratch.strip, at, scratch.rows);
      Arrays.fill(scratch.strip, at + count, at + Math.ceilDiv(count, COUNT) * COUNT, 0);
    }
  }

  /** Adds to sums that are [blocks][panels][lane][BLOCK][ROWS]. */
  private static void multiplyPiece(
      SplitTokens split, int piece, float[] x, int t, int last, int panels, LinearScratch scratch) {
    int groups = split.groups(piece);
    for (int i = t; i < last; i += BLOCK) {
      int at = (i - t) * COUNT * MAX_ROWS;
      if (piece == 0) {
        Arrays.fill(scratch.sums, at, at + panels * BLOCK_SUMS, 0);
      }
      for (int lane = 0; lane < COUNT; lane++) {
        int from = split.offset(i, piece, lane);
        for (int panel = 0; panel < panels; panel++) {
          int w = panel * PANEL + lane * groups * ROWS;
          int to = at + panel * BLOCK_SUMS + lane * BLOCK * ROWS;
          PanelKernels.multiply(scratch.panel, w, x, from, groups, groups, scratch.sums, to);
        }
      }
    }
  }

  private void store(float[] out, int firstRow, int lastRow, int t, int last, float[] sums) {
    for (int i = t; i < last; i += BLOCK) {
      int at = (i - t) * COUNT * MAX_ROWS;
      for (int row = firstRow; row < lastRow; row += ROWS) {
        PanelKernels.addLanes(sums, at, BLOCK * ROWS);
        int count = Math.min(ROWS, lastRow - row);
        for (int j = i; j < Math.min(last, i + BLOCK); j++) {
          System.arraycopy(sums, at + (j - i) * ROWS, out, j * rows + row, count);
        }
        at += BLOCK_SUMS;
      }
    }
  }
}
