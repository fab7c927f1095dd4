package org.slmruntime.cpu.matmul;

import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.vector.FiniteRows;
import org.slmruntime.cpu.vector.Lanes;
import org.slmruntime.cpu.vector.RowProduct;
import org.slmruntime.cpu.vector.RowProducts;
import org.slmruntime.cpu.vector.StoredRows;
import org.slmruntime.cpu.vector.WordOrder;
import org.slmruntime.tensor.DType;

/**
 * A weight matrix that is read in place, where the model's file is mapped. All ways to multiply
 * with it give the same bits.
 */
public final class MappedLinear implements LinearKernel {
  /** From this many tokens on it pays to turn decoded rows into panels. */
  static final int MANY_TOKENS = 24;

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
    this.stored = StoredRows.forProducts(stored, columns);
    RowProducts.Direct kernels = RowProducts.direct(stored.type(), columns).orElse(null);
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
  public int chunkRows(int tokens, int threads) {
    int granule = PanelProduct.MAX_ROWS;
    return tokens > 1
        ? granule
        : LinearKernel.streamRows(rows, stored.rowBytes(), granule, threads);
  }

  /** Incomplete vectors of columns are filled up with zeros in one of the forms only. */
  @Override
  public Activations.Form form(int tokens) {
    return formOf(stored.type(), tokens, columns());
  }

  /** The same for any matrix. */
  public static Activations.Form formOf(DType type, int tokens, int columns) {
    if (WordOrder.isOf(type, columns)) {
      return tokens < MANY_TOKENS ? Activations.Form.WORDS : Activations.Form.SPLIT_WORDS;
    }
    boolean whole = columns % Lanes.COUNT == 0;
    return whole && tokens < MANY_TOKENS ? Activations.Form.VALUES : Activations.Form.SPLIT;
  }

  /** Room for so many tokens. */
  ActivationSizes sizes(int tokens) {
    return ActivationSizes.plain(stored.type(), tokens, columns());
  }

  @Override
  public void multiply(
      Activations input,
      int tokens,
      float[] out,
      int firstRow,
      int lastRow,
      LinearScratch scratch) {
    WordTokens words = input.words();
    switch (form(tokens)) {
      case WORDS -> {
        multiplyFew(words.values(), tokens, out, firstRow, lastRow, scratch);
        words.finish(out, tokens, rows, firstRow, lastRow);
      }
      case SPLIT_WORDS -> {
        multiplyMany(words.values(), tokens, out, firstRow, lastRow, scratch);
        words.finish(out, tokens, rows, firstRow, lastRow);
      }
      case SPLIT -> multiplyMany(input.split(), tokens, out, firstRow, lastRow, scratch);
      default -> multiplyFew(input.values(), tokens, out, firstRow, lastRow, scratch);
    }
  }

  private void multiplyMany(
      float[] x, int tokens, float[] out, int firstRow, int lastRow, LinearScratch scratch) {
    for (int row = firstRow; row < lastRow; row += PanelProduct.MAX_ROWS) {
      int last = Math.min(lastRow, row + PanelProduct.MAX_ROWS);
      panels.multiply(x, tokens, out, row, last, scratch);
    }
  }

  private void multiplyFew(
      float[] x, int tokens, float[] out, int firstRow, int lastRow, LinearScratch scratch) {
    if (direct != null && (finite == null || finite.all(firstRow, lastRow))) {
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
