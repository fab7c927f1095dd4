package org.slmruntime.cpu.matmul;

/**
 * One weight matrix times activations. Threads call {@link #multiply} on disjoint rows; it
 * allocates nothing.
 */
public sealed interface LinearKernel permits MappedLinear, PackedLinear {
  int rows();

  int columns();

  /** Rows that make a good share for one thread at a time. */
  int chunkRows(int tokens);

  /**
   * The share for one token, of whole granules. It streams through memory, so that shares are
   * large; but threads wait for the one with the last of them, so that there are many.
   */
  static int streamRows(int rows, int granule) {
    int share = Math.ceilDiv(rows, 32 * granule) * granule;
    return Math.min(share, 256);
  }

  /** The form in which {@link #multiply} reads so many tokens. */
  default Activations.Form form(int tokens) {
    return Activations.Form.VALUES;
  }

  /**
   * {@code out[t * rows + r] = W[r] . x[t]} for rows {@code firstRow .. lastRow - 1} and all
   * tokens.
   *
   * @param x {@code tokens} tokens of {@code columns} elements, prepared in the form that {@link
   *     #form} asks for
   * @param firstRow a multiple of {@link #chunkRows}
   * @param scratch this thread's own
   */
  void multiply(
      Activations x, int tokens, float[] out, int firstRow, int lastRow, LinearScratch scratch);
}
