package org.slmruntime.cpu.matmul;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.slmruntime.cpu.vector.LaneBlocks;
import org.slmruntime.cpu.vector.Lanes;
import org.slmruntime.cpu.vector.RowProducts;
import org.slmruntime.cpu.vector.StoredRows;
import org.slmruntime.cpu.vector.Touch;

/**
 * Rows multiplied with a few tokens as they are read, without decoding them to memory first.
 *
 * @param rows of the matrix
 */
record DirectProduct(StoredRows stored, RowProducts.Direct kernels, int rows) {
  /** Floats of a tile's lanes. */
  private static final int TILE = 16 * Lanes.COUNT;

  /** Times four rows whose lanes fill a block. */
  private static final int FOURS = Lanes.COUNT / 4;

  /** Columns whose tokens stay in the first-level cache. */
  private static final int COLUMNS = 1024;

  /** Bytes that several tokens read one after the other, from the second-level cache. */
  private static final int REREAD = 1 << 18;

  /**
   * As {@link LinearKernel#multiply}.
   *
   * @param x [tokens][columns]
   */
  void multiply(
      float[] x, int tokens, float[] out, int firstRow, int lastRow, LinearScratch scratch) {
    if (tokens == 1) {
      oneToken(x, out, firstRow, lastRow, scratch);
      return;
    }
    int piece = Math.clamp(REREAD / stored.rowBytes() / 16 * 16, 16, LinearScratch.ROWS);
    for (int row = firstRow; row < lastRow; row += piece) {
      int end = Math.min(lastRow, row + piece);
      long bytes = (end - row) * stored.rowBytes();
      scratch.touched += Touch.lines(stored.data(), row * stored.rowBytes(), bytes);
      for (int t = 0; t < tokens; t += 4) {
        fourTokens(x, t, tokens, out, row, end, scratch);
      }
    }
  }

  /**
   * Four rows at a time that are far apart: memory gives more to four readers than to one of rows
   * that follow each other. With so few instructions for a cache line nothing is touched first.
   */
  private void oneToken(float[] x, float[] out, int firstRow, int lastRow, LinearScratch scratch) {
    int quarter = Math.ceilDiv(lastRow - firstRow, 4);
    for (int i = 0; i < quarter; i += FOURS) {
      int count = Math.min(FOURS, quarter - i);
      for (int j = 0; j < count; j++) {
        dot(firstRow + i + j, quarter, lastRow - 1, x, scratch.lanes, j * 4 * Lanes.COUNT);
      }
      LaneBlocks.sums(scratch.lanes, 0, 1, scratch.results, 0);
      for (int j = 0; j < 4 * count; j++) {
        int row = firstRow + j % 4 * quarter + i + j / 4;
        if (row < lastRow) {
          out[row] = scratch.results[j];
        }
      }
    }
  }

  /** Where there are no four rows any more, the last is taken again. */
  private void dot(int row, int quarter, int last, float[] x, float[] lanes, int at) {
    long r0 = offset(row, last);
    long r1 = offset(row + quarter, last);
    long r2 = offset(row + 2 * quarter, last);
    long r3 = offset(row + 3 * quarter, last);
    kernels.row().lanes(stored.data(), r0, r1, r2, r3, x, stored.columns(), lanes, at);
  }

  private void fourTokens(
      float[] x, int t, int tokens, float[] out, int firstRow, int lastRow, LinearScratch scratch) {
    int sums = (lastRow - firstRow) * 4 * Lanes.COUNT;
    Arrays.fill(scratch.sums, 0, Math.ceilDiv(sums, TILE) * TILE, 0);
    for (int c = 0; c < stored.columns(); c += COLUMNS) {
      int count = Math.min(COLUMNS, stored.columns() - c);
      for (int row = firstRow; row < lastRow; row += 4) {
        tile(row, lastRow - 1, x, t, tokens - 1, c, count, scratch.sums, at(row - firstRow));
      }
    }
    scratch.storeTiles(out, rows, firstRow, lastRow - firstRow, t, Math.min(4, tokens - t));
  }

  private static int at(int row) {
    return row / 4 * TILE;
  }

  private void tile(
      int row, int last, float[] x, int t, int lastToken, int c, int count, float[] sums, int at) {
    MemorySegment s = stored.data();
    int n = stored.columns();
    long skipped = stored.type().byteSize(c);
    long r0 = offset(row, last) + skipped;
    long r1 = offset(row + 1, last) + skipped;
    long r2 = offset(row + 2, last) + skipped;
    long r3 = offset(row + 3, last) + skipped;
    int x0 = t * n + c;
    int x1 = Math.min(t + 1, lastToken) * n + c;
    int x2 = Math.min(t + 2, lastToken) * n + c;
    int x3 = Math.min(t + 3, lastToken) * n + c;
    kernels.tile().lanes(s, r0, r1, r2, r3, x, x0, x1, x2, x3, count, sums, at);
  }

  private long offset(int row, int last) {
    return Math.min(row, last) * stored.rowBytes();
  }
}
