package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.BLOCK;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.TokenGroups.GROUP;

/**
 * Many tokens times a chunk of a panel whose codes and scales are unpacked. A token's bits do not
 * depend on the others.
 */
final class PackedGemm {
  private PackedGemm() {}

  /**
   * Adds the chunk's products to tokens {@code first .. last - 1}.
   *
   * @param k codes of the chunk
   * @param scales [group of columns][row]
   * @param offsets likewise, if the format has any
   * @param column where the chunk begins
   * @param n its columns
   * @param tokens that {@code x} has
   * @param first a multiple of {@link TokenGroups#GROUP}
   * @param totals [token - first][row], with room for whole groups
   * @param to where they begin
   */
  static void add(
      PackedFormat format,
      GemmScratch k,
      float[] scales,
      float[] offsets,
      TokenGroups x,
      int column,
      int n,
      int tokens,
      int first,
      int last,
      float[] totals,
      int to) {
    for (int t = first; t < last; t += GROUP) {
      int at = TokenGroups.at(tokens, column, n, t);
      int count = sums(format.group, k, x.pairs, at / 2, n, last - t);
      for (int i = 0; i < count; i += 2) {
        int s = i * 2 * PANEL;
        int step = count * 2 * PANEL;
        int d = at / BLOCK + i;
        int total = to + (t - first + i) * PANEL;
        if (format.scales.hasOffsets()) {
          PairTotals.addWithOffsets(
              k.sums, s, step, scales, offsets, x.scales, x.sums, d, n / BLOCK, totals, total);
        } else {
          int shift = format.group == BLOCK ? 0 : 1;
          int groups = n / format.group;
          PairTotals.add(k.sums, s, step, scales, x.scales, d, shift, groups, totals, total);
        }
      }
    }
  }

  /** Returns for how many tokens there are sums. */
  private static int sums(int group, GemmScratch k, int[] pairs, int at, int n, int tokens) {
    int groups = n / group;
    if (tokens > 4 && GROUP == 8) {
      PairSums.eight(k.codes, pairs, at, groups, group / 2, k.sums);
      return 8;
    }
    if (tokens > 2) {
      PairSums.four(k.codes, pairs, at, groups, group / 2, k.sums);
      return 4;
    }
    PairSums.two(k.codes, pairs, at, groups, group / 2, k.sums);
    return 2;
  }
}
