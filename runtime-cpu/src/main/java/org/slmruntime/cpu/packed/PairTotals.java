package org.slmruntime.cpu.packed;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static org.slmruntime.cpu.packed.Panels.COUNT;
import static org.slmruntime.cpu.packed.Panels.FLOATS;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.Panels.SHORTS;
import static org.slmruntime.cpu.packed.TokenGroups.GROUP;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Adds sums of {@link PairSums}, scaled, to the totals of two tokens. The order of additions is
 * that of one token alone, see {@link GroupSums}.
 *
 * <p>Parameters of both: {@code sums} of the first token from {@code s} on, of each group {@code
 * step} after the one before; {@code dx} scales of the tokens' blocks from {@code d} on; {@code
 * totals} [token][row] from {@code to} on; {@code groups} of columns.
 */
final class PairTotals {
  private PairTotals() {}

  /**
   * Without offsets.
   *
   * @param shift log2 of the groups in a block
   */
  static void add(
      short[] sums,
      int s,
      int step,
      float[] scales,
      float[] dx,
      int d,
      int shift,
      int groups,
      float[] totals,
      int to) {
    FloatVector y0 = FloatVector.fromArray(FLOATS, totals, to);
    FloatVector y1 = FloatVector.fromArray(FLOATS, totals, to + COUNT);
    FloatVector y2 = FloatVector.fromArray(FLOATS, totals, to + 2 * COUNT);
    FloatVector y3 = FloatVector.fromArray(FLOATS, totals, to + 3 * COUNT);
    for (int g = 0; g < groups; g++) {
      FloatVector even = FloatVector.fromArray(FLOATS, scales, g * PANEL);
      FloatVector odd = FloatVector.fromArray(FLOATS, scales, g * PANEL + COUNT);
      int from = s + g * step;
      float m = dx[d + GROUP * (g >> shift)];
      IntVector i = ShortVector.fromArray(SHORTS, sums, from).reinterpretAsInts();
      i = i.lanewise(ASHR, 16).add(i.lanewise(LSHL, 16).lanewise(ASHR, 16));
      y0 = ((FloatVector) i.convert(I2F, 0)).fma(even.mul(m), y0);
      i = ShortVector.fromArray(SHORTS, sums, from + PANEL).reinterpretAsInts();
      i = i.lanewise(ASHR, 16).add(i.lanewise(LSHL, 16).lanewise(ASHR, 16));
      y1 = ((FloatVector) i.convert(I2F, 0)).fma(odd.mul(m), y1);
      m = dx[d + GROUP * (g >> shift) + 1];
      i = ShortVector.fromArray(SHORTS, sums, from + 2 * PANEL).reinterpretAsInts();
      i = i.lanewise(ASHR, 16).add(i.lanewise(LSHL, 16).lanewise(ASHR, 16));
      y2 = ((FloatVector) i.convert(I2F, 0)).fma(even.mul(m), y2);
      i = ShortVector.fromArray(SHORTS, sums, from + 3 * PANEL).reinterpretAsInts();
      i = i.lanewise(ASHR, 16).add(i.lanewise(LSHL, 16).lanewise(ASHR, 16));
      y3 = ((FloatVector) i.convert(I2F, 0)).fma(odd.mul(m), y3);
    }
    y0.intoArray(totals, to);
    y1.intoArray(totals, to + COUNT);
    y2.intoArray(totals, to + 2 * COUNT);
    y3.intoArray(totals, to + 3 * COUNT);
  }

  /**
   * With offsets, for groups that are blocks.
   *
   * @param codeSums sums of the tokens' blocks from {@code d} on
   */
  static void addWithOffsets(
      short[] sums,
      int s,
      int step,
      float[] scales,
      float[] offsets,
      float[] dx,
      float[] codeSums,
      int d,
      int groups,
      float[] totals,
      int to) {
    FloatVector y0 = FloatVector.fromArray(FLOATS, totals, to);
    FloatVector y1 = FloatVector.fromArray(FLOATS, totals, to + COUNT);
    FloatVector y2 = FloatVector.fromArray(FLOATS, totals, to + 2 * COUNT);
    FloatVector y3 = FloatVector.fromArray(FLOATS, totals, to + 3 * COUNT);
    for (int g = 0; g < groups; g++) {
      FloatVector even = FloatVector.fromArray(FLOATS, scales, g * PANEL);
      FloatVector odd = FloatVector.fromArray(FLOATS, scales, g * PANEL + COUNT);
      int from = s + g * step;
      float m = dx[d + GROUP * g];
      IntVector i = ShortVector.fromArray(SHORTS, sums, from).reinterpretAsInts();
      i = i.lanewise(ASHR, 16).add(i.lanewise(LSHL, 16).lanewise(ASHR, 16));
      y0 = ((FloatVector) i.convert(I2F, 0)).fma(even.mul(m), y0);
      i = ShortVector.fromArray(SHORTS, sums, from + PANEL).reinterpretAsInts();
      i = i.lanewise(ASHR, 16).add(i.lanewise(LSHL, 16).lanewise(ASHR, 16));
      y1 = ((FloatVector) i.convert(I2F, 0)).fma(odd.mul(m), y1);
      m = dx[d + GROUP * g + 1];
      i = ShortVector.fromArray(SHORTS, sums, from + 2 * PANEL).reinterpretAsInts();
      i = i.lanewise(ASHR, 16).add(i.lanewise(LSHL, 16).lanewise(ASHR, 16));
      y2 = ((FloatVector) i.convert(I2F, 0)).fma(even.mul(m), y2);
      i = ShortVector.fromArray(SHORTS, sums, from + 3 * PANEL).reinterpretAsInts();
      i = i.lanewise(ASHR, 16).add(i.lanewise(LSHL, 16).lanewise(ASHR, 16));
      y3 = ((FloatVector) i.convert(I2F, 0)).fma(odd.mul(m), y3);
      even = FloatVector.fromArray(FLOATS, offsets, g * PANEL);
      odd = FloatVector.fromArray(FLOATS, offsets, g * PANEL + COUNT);
      FloatVector sum0 = FloatVector.broadcast(FLOATS, codeSums[d + GROUP * g]);
      FloatVector sum1 = FloatVector.broadcast(FLOATS, codeSums[d + GROUP * g + 1]);
      y0 = even.fma(sum0, y0);
      y1 = odd.fma(sum0, y1);
      y2 = even.fma(sum1, y2);
      y3 = odd.fma(sum1, y3);
    }
    y0.intoArray(totals, to);
    y1.intoArray(totals, to + COUNT);
    y2.intoArray(totals, to + 2 * COUNT);
    y3.intoArray(totals, to + 3 * COUNT);
  }
}
