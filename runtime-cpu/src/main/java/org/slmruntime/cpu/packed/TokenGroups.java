package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.BLOCK;
import static org.slmruntime.cpu.packed.Panels.CHUNK;

/**
 * Activations of many tokens as {@link PackedGemm} reads them. Tokens come in groups, so that a
 * kernel finds those it multiplies at once side by side, and two columns share 32 bits: 16 bits at
 * a time would cost a shuffle to broadcast. Columns {@code 8 i + r} and {@code 8 i + 4 + r} are a
 * pair, which is how packed codes of four bits lie. {@link FloatGemm} reads columns as float32.
 *
 * <p>All groups of a chunk of columns are together: [chunk][group of tokens][pair, column or
 * block][token].
 */
public final class TokenGroups {
  /** Tokens in a group: as many as have their sums in registers. */
  public static final int GROUP = Panels.COUNT == 16 ? 8 : 4;

  /** Two columns: the lower in the low half. */
  final int[] pairs;

  /** Columns. */
  final float[] values;

  /** Scales of blocks. */
  final float[] scales;

  /** Sums of blocks, scaled. */
  final float[] sums;

  /**
   * Room for tokens, in whole groups, times columns.
   *
   * @param paired that are laid out in pairs, at most
   * @param floats that are laid out as float32, at most
   */
  public TokenGroups(int paired, int floats) {
    int blocks = Math.max(paired, floats) / BLOCK;
    pairs = new int[paired / 2];
    values = new float[floats];
    scales = new float[blocks];
    sums = new float[blocks];
  }

  /** Bytes held. */
  public static long byteSize(long paired, long floats) {
    long blocks = Math.max(paired, floats) / BLOCK;
    return paired / 2 * Integer.BYTES + (floats + 2 * blocks) * Float.BYTES;
  }

  /** Tokens that so many take up. */
  public static int padded(int tokens) {
    return Math.ceilDiv(tokens, GROUP) * GROUP;
  }

  /** The place of a group's chunk, in elements, of which a pair is two and a block 32. */
  static int at(int tokens, int column, int n, int firstToken) {
    return column * padded(tokens) + firstToken * n;
  }

  /**
   * Lays out tokens {@code first .. last - 1} of {@code tokens}. Threads call it on disjoint
   * groups. The rest of a last group keeps what it had.
   *
   * @param asFloats instead of in pairs
   * @param codes [tokens][columns]
   * @param codeScales [tokens][columns / 32]
   * @param codeSums likewise
   * @param first a multiple of {@link #GROUP}
   */
  public void put(
      boolean asFloats,
      short[] codes,
      float[] codeScales,
      float[] codeSums,
      int first,
      int last,
      int tokens,
      int columns) {
    for (int t = first; t < last; t++) {
      int lane = t % GROUP;
      for (int c = 0; c < columns; c += CHUNK) {
        int n = Math.min(CHUNK, columns - c);
        int at = at(tokens, c, n, t - lane);
        int from = t * columns + c;
        if (asFloats) {
          putFloats(codes, from, n, at + lane);
        } else {
          putPairs(codes, from, n, at / 2 + lane);
        }
        for (int b = 0; b < n / BLOCK; b++) {
          scales[at / BLOCK + b * GROUP + lane] = codeScales[from / BLOCK + b];
          sums[at / BLOCK + b * GROUP + lane] = codeSums[from / BLOCK + b];
        }
      }
    }
  }

  private void putFloats(short[] codes, int from, int n, int to) {
    for (int i = 0; i < n; i++) {
      values[to + i * GROUP] = codes[from + i];
    }
  }

  private void putPairs(short[] codes, int from, int n, int to) {
    for (int c = from; c < from + n; c += 8, to += 4 * GROUP) {
      pairs[to] = codes[c] & 0xffff | codes[c + 4] << 16;
      pairs[to + GROUP] = codes[c + 1] & 0xffff | codes[c + 5] << 16;
      pairs[to + 2 * GROUP] = codes[c + 2] & 0xffff | codes[c + 6] << 16;
      pairs[to + 3 * GROUP] = codes[c + 3] & 0xffff | codes[c + 7] << 16;
    }
  }
}
