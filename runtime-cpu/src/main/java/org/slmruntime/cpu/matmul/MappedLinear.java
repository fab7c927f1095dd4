package org.slmruntime.cpu.matmul;

import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.vector.DotKernels;
import org.slmruntime.cpu.vector.Lanes;
import org.slmruntime.cpu.vector.RowProduct;
import org.slmruntime.cpu.vector.RowProducts;
import org.slmruntime.cpu.vector.StoredRows;

/** A weight matrix that is read in place, where the model's file is mapped. */
public final class MappedLinear implements LinearKernel {
  /** Rows given to a thread are multiples of this, except at the end. */
  private static final int ROW_GRANULE = 4;

  /** A tile of decoded rows should stay in the second-level cache. */
  private static final int TILE_FLOATS = 1 << 16;

  /** One token streams through memory, so its shares are large. */
  private static final int MAX_STREAM_ROWS = 256;

  private static final int MAX_TILE_ROWS = 64;

  /** So should the tokens that are multiplied with it. */
  private static final int TOKEN_FLOATS = 1 << 15;

  private final int rows;
  private final int columns;
  private final StoredRows stored;

  /** How one token is multiplied, or null if rows have to be decoded for it too. */
  private final RowProduct product;

  /**
   * @param stored exactly {@code rows * columns} elements
   */
  public MappedLinear(Weights.Stored stored, int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
    this.stored = StoredRows.of(stored, columns);
    this.product = columns % Lanes.COUNT == 0 ? RowProducts.of(stored.type()).orElse(null) : null;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public int chunkRows(int tokens) {
    if (tokens > 1) {
      return tileRows(columns);
    }
    int sixteenth = Math.ceilDiv(rows, 16 * ROW_GRANULE) * ROW_GRANULE;
    return Math.min(sixteenth, MAX_STREAM_ROWS);
  }

  /** Floats of the largest tile of any matrix up to this width. */
  static long largestTile(int columns) {
    return Math.max(TILE_FLOATS, (long) ROW_GRANULE * columns);
  }

  private static int tileRows(int columns) {
    int fitting = TILE_FLOATS / columns / ROW_GRANULE * ROW_GRANULE;
    return Math.clamp(fitting, ROW_GRANULE, MAX_TILE_ROWS);
  }

  @Override
  public void multiply(
      Activations input,
      int tokens,
      float[] out,
      int firstRow,
      int lastRow,
      LinearScratch scratch) {
    float[] x = input.values();
    if (tokens == 1 && product != null) {
      long rowBytes = stored.rowBytes();
      long offset = firstRow * rowBytes;
      int count = lastRow - firstRow;
      product.multiply(
          stored.data(), offset, rowBytes, count, x, columns, out, firstRow, scratch.rows);
      return;
    }
    int tile = tokens == 1 ? ROW_GRANULE : tileRows(columns);
    for (int row = firstRow; row < lastRow; row += tile) {
      int count = Math.min(tile, lastRow - row);
      for (int r = 0; r < count; r++) {
        stored.decode(row + r, scratch.tile, r * columns, scratch.rows);
      }
      multiplyTile(scratch, count, x, tokens, out, row);
    }
  }

  private void multiplyTile(
      LinearScratch scratch, int count, float[] x, int tokens, float[] out, int row) {
    int tokenTile = Math.max(4, TOKEN_FLOATS / columns / 4 * 4);
    for (int t0 = 0; t0 < tokens; t0 += tokenTile) {
      int t1 = Math.min(tokens, t0 + tokenTile);
      int r = 0;
      for (; r + 4 <= count; r += 4) {
        rows4(scratch, r * columns, x, t0, t1, out, row + r);
      }
      for (; r < count; r++) {
        for (int t = t0; t < t1; t++) {
          DotKernels.rows1tokens1(
              scratch.tile,
              r * columns,
              x,
              t * columns,
              columns,
              out,
              t * rows + row + r,
              scratch.rows.lanes);
        }
      }
    }
  }

  private void rows4(
      LinearScratch scratch, int w, float[] x, int t0, int t1, float[] out, int row) {
    int t = t0;
    for (; t + 4 <= t1; t += 4) {
      DotKernels.rows4tokens4(
          scratch.tile,
          w,
          columns,
          x,
          t * columns,
          columns,
          out,
          t * rows + row,
          rows,
          scratch.rows.lanes);
    }
    for (; t < t1; t++) {
      DotKernels.rows4tokens1(
          scratch.tile,
          w,
          columns,
          x,
          t * columns,
          columns,
          out,
          t * rows + row,
          scratch.rows.lanes);
    }
  }
}
