package org.slmruntime.cpu.matmul;

/**
 * One weight matrix times activations. Threads call {@link #multiply} on disjoint rows; it
 * allocates nothing.
 */
public sealed interface LinearKernel permits MappedLinear, PackedLinear {
  /** From here on a larger share of one token's streams no faster. */
  long STREAM_BYTES = 1 << 17;

  int MAX_STREAM_ROWS = 256;
  int SHARES_PER_THREAD = 3;

  int rows();

  int columns();

  /** Rows that make a good share for one thread of so many at a time. */
  int chunkRows(int tokens, int threads);

  /**
   * The share for one token, of whole granules. It streams through memory, so that shares are
   * large; but threads wait for the one with the last of them, so that there are several for each.
   */
  static int streamRows(int rows, long rowBytes, int granule, int threads) {
    int large = (int) Math.max(STREAM_BYTES / rowBytes, rows / 32);
    int most = Math.min(MAX_STREAM_ROWS, Math.ceilDiv(rows, SHARES_PER_THREAD * threads));
    return Math.ceilDiv(Math.min(large, most), granule) * granule;
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
