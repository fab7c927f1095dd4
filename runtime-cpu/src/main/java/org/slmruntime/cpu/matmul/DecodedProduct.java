package org.slmruntime.cpu.matmul;

import java.util.Arrays;
import org.slmruntime.cpu.vector.DecodedTile;
import org.slmruntime.cpu.vector.Lanes;
import org.slmruntime.cpu.vector.StoredRows;

/**
 * Four rows at a time decoded to float32, then multiplied with a few tokens.
 *
 * @param rows of the matrix
 */
record DecodedProduct(StoredRows stored, int rows) {
  /**
   * As {@link LinearKernel#multiply}.
   *
   * @param x [tokens][columns]
   */
  void multiply(
      float[] x, int tokens, float[] out, int firstRow, int lastRow, LinearScratch scratch) {
    int n = stored.columns();
    for (int row = firstRow; row < lastRow; row += 4) {
      int count = Math.min(4, lastRow - row);
      for (int r = 0; r < count; r++) {
        stored.decode(row + r, scratch.decoded, r * n, scratch.rows);
      }
      for (int t = 0; t < tokens; t += 4) {
        int x1 = Math.min(t + 1, tokens - 1) * n;
        int x2 = Math.min(t + 2, tokens - 1) * n;
        int x3 = Math.min(t + 3, tokens - 1) * n;
        Arrays.fill(scratch.sums, 0, 16 * Lanes.COUNT, 0);
        DecodedTile.lanes(scratch.decoded, x, t * n, x1, x2, x3, n, scratch.sums, 0);
        scratch.storeTiles(out, rows, row, count, t, Math.min(4, tokens - t));
      }
    }
  }
}
