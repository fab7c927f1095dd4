package org.slmruntime.lora;

import org.slmruntime.graph.Weight;

/**
 * A low-rank change of a linear layer: {@code y = W x} becomes {@code y = W x + scale B (A x)}.
 *
 * @param base the matrix W that is changed, or some rows of a fused one
 * @param a [rank x base.columns()]
 * @param b [base.rows() x rank]
 * @param scale finite; 0 changes nothing
 */
public record LowRank(Weight base, Weight a, Weight b, float scale) {
  public LowRank {
    if (a.columns() != base.columns() || b.rows() != base.rows() || a.rows() != b.columns()) {
      throw new AdapterException(a + " and " + b + " are no low-rank change of " + base);
    }
    if (!Float.isFinite(scale)) {
      throw new AdapterException("the scale of " + a + " is " + scale);
    }
  }

  /**
   * A change whose matrices are named {@code <name>.lora_a} and {@code <name>.lora_b}.
   *
   * @param name must be another for each change of a graph; of the only one, the name of the matrix
   */
  public static LowRank named(String name, Weight base, int rank, float scale) {
    return new LowRank(
        base,
        Weight.matrix(name + ".lora_a", rank, base.columns()),
        Weight.matrix(name + ".lora_b", base.rows(), rank),
        scale);
  }

  public int rank() {
    return a.rows();
  }

  /** Whether all rows of a layer's matrix are among those that are changed. */
  boolean covers(Weight matrix) {
    return matrix.name().equals(base.name())
        && matrix.columns() == base.columns()
        && matrix.offset() >= base.offset()
        && matrix.offset() + matrix.elements() <= base.offset() + base.elements();
  }

  /** The rows of {@link #b} that belong to those of a matrix it {@link #covers}. */
  Weight rowsOfB(Weight matrix) {
    int first = Math.toIntExact((matrix.offset() - base.offset()) / base.columns());
    return b.sliceRows(first, matrix.rows());
  }
}
