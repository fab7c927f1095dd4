package org.slmruntime.cuda.run;

import org.slmruntime.tensor.DType;

/**
 * When matrix products go to cuBLAS.
 *
 * @param tokens least tokens of such a product; {@link Integer#MAX_VALUE} for never
 */
public record LibraryUse(int tokens) {
  /** A slice of weights stays in the L2 cache between being decoded and being multiplied. */
  private static final long SLICE_BYTES = 24L << 20;

  public static LibraryUse never() {
    return new LibraryUse(Integer.MAX_VALUE);
  }

  boolean applies(int rows) {
    return rows >= tokens;
  }

  static PreparedForm form(DType type) {
    return type == DType.F32 ? PreparedForm.F32 : PreparedForm.BF16;
  }

  /** Rows of weights that are decoded at once. */
  static int sliceRows(int rows, int columns) {
    return Math.clamp(SLICE_BYTES / (2L * columns), 1, rows);
  }

  /** Bytes of those; none for weights that the library reads where they lie. */
  static long sliceBytes(DType type, int rows, int columns) {
    return readsInPlace(type, columns) ? 0 : 2L * columns * sliceRows(rows, columns);
  }

  /** Rows of bfloat16 are padded to 16 bytes; the library wants none. */
  static boolean readsInPlace(DType type, int columns) {
    return type == DType.F32 || type == DType.BF16 && columns % 8 == 0;
  }
}
