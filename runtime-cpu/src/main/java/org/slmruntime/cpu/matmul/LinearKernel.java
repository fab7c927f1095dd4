package org.slmruntime.cpu.matmul;

import java.lang.foreign.MemorySegment;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.tensor.DType;

/**
 * One weight matrix, read in place, times activations. Threads call {@link #multiply} on disjoint
 * rows; it allocates nothing.
 */
public final class LinearKernel {
  /** Rows given to a thread are multiples of this, except at the end. */
  public static final int ROW_GRANULE = 4;

  /** A tile of decoded rows should stay in the second-level cache. */
  private static final int TILE_FLOATS = 1 << 16;

  private static final int MAX_TILE_ROWS = 64;

  /** So should the tokens that are multiplied with it. */
  private static final int TOKEN_FLOATS = 1 << 15;

  private final MemorySegment data;
  private final int rows;
  private final int columns;
  private final long rowBytes;
  private final RowDecoder decoder;
  private final FusedDot fused;

  /**
   * @param stored exactly {@code rows * columns} elements
   */
  public LinearKernel(Weights.Stored stored, int rows, int columns) {
    this.data = stored.data();
    this.rows = rows;
    this.columns = columns;
    this.rowBytes = stored.type().byteSize(columns);
    this.decoder = RowDecoders.of(stored.type());
    this.fused = FusedDots.of(stored.type(), columns);
  }

  public static boolean supports(DType type) {
    return RowDecoders.supports(type);
  }

  public int rows() {
    return rows;
  }

  /** Floats of scratch memory that each thread must bring for matrices of this width. */
  public static int scratchFloats(int columns) {
    return tileRows(columns) * columns;
  }

  private static int tileRows(int columns) {
    int fitting = TILE_FLOATS / columns / ROW_GRANULE * ROW_GRANULE;
    return Math.clamp(fitting, ROW_GRANULE, MAX_TILE_ROWS);
  }

  /** Decodes one row, as the embedding does. */
  public void decodeRow(int row, float[] target, int at) {
    decoder.decode(data, row * rowBytes, target, at, columns);
  }

  /**
   * {@code out[t * rows + r] = W[r] . x[t]} for rows {@code firstRow .. lastRow - 1} and all
   * tokens.
   *
   * @param x tokens of {@code columns} floats
   * @param scratch at least {@link #scratchFloats} floats, this thread's own
   */
  public void multiply(
      float[] x, int tokens, float[] out, int firstRow, int lastRow, float[] scratch) {
    if (tokens == 1 && fused != null) {
      multiplyFused(x, out, firstRow, lastRow, scratch);
      return;
    }
    int tile = tokens == 1 ? ROW_GRANULE : tileRows(columns);
    for (int row = firstRow; row < lastRow; row += tile) {
      int count = Math.min(tile, lastRow - row);
      for (int r = 0; r < count; r++) {
        decodeRow(row + r, scratch, r * columns);
      }
      multiplyTile(scratch, count, x, tokens, out, row);
    }
  }

  private void multiplyFused(float[] x, float[] out, int firstRow, int lastRow, float[] scratch) {
    int row = firstRow;
    for (; row + ROW_GRANULE <= lastRow; row += ROW_GRANULE) {
      fused.rows4(data, row * rowBytes, rowBytes, x, columns, out, row);
    }
    for (; row < lastRow; row++) {
      decodeRow(row, scratch, 0);
      DotKernels.rows1tokens1(scratch, 0, x, 0, columns, out, row);
    }
  }

  private void multiplyTile(float[] tile, int count, float[] x, int tokens, float[] out, int row) {
    int tokenTile = Math.max(4, TOKEN_FLOATS / columns / 4 * 4);
    for (int t0 = 0; t0 < tokens; t0 += tokenTile) {
      int t1 = Math.min(tokens, t0 + tokenTile);
      int r = 0;
      for (; r + 4 <= count; r += 4) {
        rows4(tile, r * columns, x, t0, t1, out, row + r);
      }
      for (; r < count; r++) {
        for (int t = t0; t < t1; t++) {
          DotKernels.rows1tokens1(
              tile, r * columns, x, t * columns, columns, out, t * rows + row + r);
        }
      }
    }
  }

  private void rows4(float[] tile, int w, float[] x, int t0, int t1, float[] out, int row) {
    int t = t0;
    for (; t + 4 <= t1; t += 4) {
      DotKernels.rows4tokens4(tile, w, columns, x, t * columns, columns, out, t * rows + row, rows);
    }
    for (; t < t1; t++) {
      DotKernels.rows4tokens1(tile, w, columns, x, t * columns, columns, out, t * rows + row);
    }
  }
}
