package org.slmruntime.cpu.matmul;

import static org.slmruntime.cpu.packed.Panels.PANEL;

import org.slmruntime.cpu.packed.PackedMatrix;
import org.slmruntime.cpu.packed.PackedProducts;

/** A weight matrix that was packed when it was loaded, times activations of 8 bits. */
public final class PackedLinear implements LinearKernel {
  /** Rows given to a thread are whole pairs of panels for one token, except at the end. */
  private static final int ROW_GRANULE = 2 * PANEL;

  private final PackedMatrix matrix;
  private final PackedProducts products;

  public PackedLinear(PackedMatrix matrix) {
    this.matrix = matrix;
    this.products = new PackedProducts(matrix);
  }

  @Override
  public int rows() {
    return matrix.rows();
  }

  @Override
  public int columns() {
    return matrix.columns();
  }

  @Override
  public int chunkRows(int tokens, int threads) {
    return tokens > 1
        ? PackedProducts.MANY_ROWS
        : LinearKernel.streamRows(matrix.rows(), matrix.rowBytes(), ROW_GRANULE, threads);
  }

  @Override
  public Activations.Form form(int tokens) {
    boolean many = tokens > 1;
    return switch (matrix.format().width()) {
      case THREE -> many ? Activations.Form.GROUPED_CODES : Activations.Form.THREES;
      case FOUR -> many ? Activations.Form.GROUPED_CODES : Activations.Form.FOURS;
      case FIVE -> many ? Activations.Form.GROUPED_CODES : Activations.Form.FIVES;
      case SIX -> many ? Activations.Form.GROUPED_CODES : Activations.Form.SIXES;
      case EIGHT, LEVELS -> many ? Activations.Form.GROUPED_FLOATS : Activations.Form.EIGHTS;
    };
  }

  @Override
  public void multiply(
      Activations x, int tokens, float[] out, int firstRow, int lastRow, LinearScratch scratch) {
    int first = firstRow / PANEL;
    int last = Math.ceilDiv(lastRow, PANEL);
    if (tokens > 1) {
      products.many(first, last, x.groups(), tokens, out, scratch.packed);
    } else {
      products.one(
          first,
          last,
          x.multipliers(matrix.format().width().multiplied()),
          x.codeScales(),
          x.codeSums(),
          out,
          scratch.packed);
    }
  }
}
