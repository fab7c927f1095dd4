package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.BLOCK;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.Panels.VECTOR_BYTES;
import static org.slmruntime.cpu.packed.TokenGroups.GROUP;

import java.lang.foreign.MemorySegment;

/**
 * Many tokens times a chunk of a panel of 8-bit codes, whose products are too large for {@link
 * PackedGemm}: in float32, where sums of a block are exact. A token's bits do not depend on the
 * others.
 */
final class FloatGemm {
  /** Columns at a time: they, a group of tokens and the sums stay in the first-level cache. */
  static final int COLUMNS = 128;

  private FloatGemm() {}

  /**
   * Adds the chunk's products to tokens {@code first .. last - 1}.
   *
   * @param codes where the panel's codes begin
   * @param k working memory
   * @param scales [block][row] of the chunk
   * @param column where the chunk begins
   * @param n its columns
   * @param tokens that {@code x} has
   * @param first a multiple of {@link TokenGroups#GROUP}
   * @param totals [token - first][row], with room for whole groups
   * @param to where they begin
   */
  static void add(
      PackedFormat.CodeWidth width,
      MemorySegment s,
      long codes,
      GemmScratch k,
      float[] scales,
      TokenGroups x,
      int column,
      int n,
      int tokens,
      int first,
      int last,
      float[] totals,
      int to) {
    for (int c = 0; c < n; c += COLUMNS) {
      int blocks = Math.min(COLUMNS, n - c) / BLOCK;
      long from = codes + (long) c / BLOCK * width.vectors * VECTOR_BYTES;
      FloatUnpacker.unpack(width, s, from, blocks * BLOCK, k.eights);
      int scale = c / BLOCK * PANEL;
      for (int t = first; t < last; t += GROUP) {
        int at = TokenGroups.at(tokens, column, n, t) + c * GROUP;
        int count = sums(k, x.values, at, blocks, last - t);
        for (int i = 0; i < count; i += 2) {
          FloatTotals.add(
              k.eightSums,
              i * PANEL,
              count * PANEL,
              scales,
              scale,
              x.scales,
              at / BLOCK + i,
              blocks,
              totals,
              to + (t - first + i) * PANEL);
        }
      }
    }
  }

  /** Returns for how many tokens there are sums. */
  private static int sums(GemmScratch k, float[] x, int at, int blocks, int tokens) {
    if (tokens > 4 && GROUP == 8) {
      FloatSums.eight(k.eights, x, at, blocks, k.eightSums);
      return 8;
    }
    if (tokens > 2) {
      FloatSums.four(k.eights, x, at, blocks, k.eightSums);
      return 4;
    }
    FloatSums.two(k.eights, x, at, blocks, k.eightSums);
    return 2;
  }
}
