package org.slmruntime.cpu.gemm;

/**
 * A matrix in an array: element (r, c) is {@code data[at + r * stride + c]}. So heads, rows and
 * columns of a larger one need no copies.
 */
public record Matrix(float[] data, int at, int stride, int rows, int columns) {
  /** One that fills an array from its beginning. */
  public static Matrix of(float[] data, int rows, int columns) {
    return new Matrix(data, 0, columns, rows, columns);
  }

  /** Columns {@code first .. first + count - 1}. */
  public Matrix columns(int first, int count) {
    return new Matrix(data, at + first, stride, rows, count);
  }

  /** Rows {@code first .. first + count - 1}. */
  public Matrix rows(int first, int count) {
    return new Matrix(data, at + first * stride, stride, count, columns);
  }
}
