package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.COUNT;
import static org.slmruntime.cpu.packed.Panels.FLOATS;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.TokenGroups.GROUP;

import jdk.incubator.vector.FloatVector;

/**
 * Adds sums of {@link FloatSums}, scaled, to the totals of two tokens, in the order of {@link
 * EightBitDots}.
 */
final class FloatTotals {
  private FloatTotals() {}

  /**
   * @param sums of the first token from {@code s} on, of each block {@code step} after the one
   *     before
   * @param scales [block][row] from {@code c} on
   * @param dx scales of the tokens' blocks from {@code d} on
   * @param totals [token][row] from {@code to} on
   */
  static void add(
      float[] sums,
      int s,
      int step,
      float[] scales,
      int c,
      float[] dx,
      int d,
      int blocks,
      float[] totals,
      int to) {
    FloatVector y0 = FloatVector.fromArray(FLOATS, totals, to);
    FloatVector y1 = FloatVector.fromArray(FLOATS, totals, to + COUNT);
    FloatVector y2 = FloatVector.fromArray(FLOATS, totals, to + 2 * COUNT);
    FloatVector y3 = FloatVector.fromArray(FLOATS, totals, to + 3 * COUNT);
    for (int b = 0; b < blocks; b++) {
      FloatVector even = FloatVector.fromArray(FLOATS, scales, c + b * PANEL);
      FloatVector odd = FloatVector.fromArray(FLOATS, scales, c + b * PANEL + COUNT);
      int from = s + b * step;
      float m = dx[d + GROUP * b];
      y0 = FloatVector.fromArray(FLOATS, sums, from).fma(even.mul(m), y0);
      y1 = FloatVector.fromArray(FLOATS, sums, from + COUNT).fma(odd.mul(m), y1);
      m = dx[d + GROUP * b + 1];
      y2 = FloatVector.fromArray(FLOATS, sums, from + 2 * COUNT).fma(even.mul(m), y2);
      y3 = FloatVector.fromArray(FLOATS, sums, from + 3 * COUNT).fma(odd.mul(m), y3);
    }
    y0.intoArray(totals, to);
    y1.intoArray(totals, to + COUNT);
    y2.intoArray(totals, to + 2 * COUNT);
    y3.intoArray(totals, to + 3 * COUNT);
  }
}
