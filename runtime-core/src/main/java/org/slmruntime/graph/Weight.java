package org.slmruntime.graph;

import java.util.Optional;

/**
 * A reference to stored weights: {@code rows * columns} consecutive elements of the tensor {@code
 * name}, starting at element {@code offset}. A fused tensor (Q, K and V rows in one) is several
 * such slices, at no cost. A vector has one row.
 *
 * @param name tensor name as in GGUF, e.g. {@code blk.0.attn_q.weight}
 * @param offset first element within the tensor; a whole number of rows, or any element of a vector
 * @param rows output features of a linear layer
 * @param columns input features; the row length
 */
public record Weight(String name, long offset, int rows, int columns) {
  public static Weight matrix(String name, int rows, int columns) {
    return new Weight(name, 0, rows, columns);
  }

  public static Weight vector(String name, int length) {
    return new Weight(name, 0, 1, length);
  }

  /** Rows {@code first .. first + count - 1} of this matrix. */
  public Weight sliceRows(int first, int count) {
    return new Weight(name, offset + (long) first * columns, count, columns);
  }

  /** Elements {@code first .. first + count - 1} of this vector. */
  public Weight sliceVector(int first, int count) {
    return new Weight(name, offset + first, 1, count);
  }

  public long elements() {
    return (long) rows * columns;
  }

  /** For operations with an optional weight. */
  public static Optional<Weight> none() {
    return Optional.empty();
  }

  @Override
  public String toString() {
    String slice = offset == 0 ? "" : "+" + offset;
    return name + slice + "[" + rows + "x" + columns + "]";
  }
}
