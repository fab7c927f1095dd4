package org.slmruntime.cpu.matmul;

import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.vector.FiniteRows;
import org.slmruntime.cpu.vector.Lanes;
import org.slmruntime.cpu.vector.RowProduct;
import org.slmruntime.cpu.vector.RowProducts;
import org.slmruntime.cpu.vector.StoredRows;

/**
 * A weight matrix that is read in place, where the model's file is mapped. All ways to multiply
 * with it give the same bits.
 */
public final class MappedLinear implements LinearKernel {
  /** From this many tokens on it pays to turn decoded rows into panels. */
  private static final int MANY_TOKENS = 24;

  /** One token streams through memory, so its shares are large. */
  private static final int MAX_STREAM_ROWS = 256;

  private final int rows;
  private final StoredRows stored;
  private final DecodedProduct decoded;
  private final PanelProduct panels;

  /** Null if the format has no kernels of its own. */
  private final DirectProduct direct;

  /** Which rows {@link #direct} is right for, or null if for all. */
  private final FiniteRows finite;

  /** Null if one token is treated as several are. */
  private final RowProduct unpacked;

  /**
   * @param stored exactly {@code rows * columns} elements
   */
  public MappedLinear(Weights.Stored stored, int rows, int columns) {
    this.rows = rows;
    this.stored = StoredRows.of(stored, columns);
    RowProducts.Direct kernels = RowProducts.direct(stored.type()).orElse(null);
    this.direct = kernels == null ? null : new DirectProduct(this.stored, kernels, rows);
    this.finite =
        kernels != null && kernels.finiteOnly() ? new FiniteRows(this.stored, rows) : null;
    this.unpacked = RowProducts.unpacked(stored.type()).orElse(null);
    this.decoded = new DecodedProduct(this.stored, rows);
    this.panels = new PanelProduct(this.stored, rows);
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return stored.columns();
  }

  @Override
  public int chunkRows(int tokens) {
    int granule = PanelProduct.MAX_ROWS;
    if (tokens > 1) {
      return granule;
    }
    int sixteenth = Math.ceilDiv(rows, 16 * granule) * granule;
    return Math.min(sixteenth, MAX_STREAM_ROWS);
  }

  /** Incomplete vectors of columns are filled up with zeros in one of the forms only. */
  @Override
  public Activations.Form form(int tokens) {
    return formOf(tokens, columns());
  }

  /** The same for any matrix. */
  public static Activations.Form formOf(int tokens, int columns) {
    boolean whole = columns % Lanes.COUNT == 0;
    return whole && tokens < MANY_TOKENS ? Activations.Form.VALUES : Activations.Form.SPLIT;
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
    if (form(tokens) == Activations.Form.SPLIT) {
      for (int row = firstRow; row < lastRow; row += PanelProduct.MAX_ROWS) {
        int last = Math.min(lastRow, row + PanelProduct.MAX_ROWS);
        panels.multiply(input.split(), tokens, out, row, last, scratch);
      }
    } else if (direct != null && (finite == null || finite.all(firstRow, lastRow))) {
      direct.multiply(x, tokens, out, firstRow, lastRow, scratch);
    } else if (tokens == 1 && unpacked != null) {
      multiplyUnpacked(x, out, firstRow, lastRow, scratch);
    } else {
      decoded.multiply(x, tokens, out, firstRow, lastRow, scratch);
    }
  }

  private void multiplyUnpacked(
      float[] x, float[] out, int firstRow, int lastRow, LinearScratch scratch) {
    long rowBytes = stored.rowBytes();
    int count = lastRow - firstRow;
    unpacked.multiply(
        stored.data(),
        firstRow * rowBytes,
        rowBytes,
        count,
        x,
        columns(),
        out,
        firstRow,
        scratch.rows);
  }
}
