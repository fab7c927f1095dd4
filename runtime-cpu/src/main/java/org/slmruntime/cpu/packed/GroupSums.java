package org.slmruntime.cpu.packed;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static org.slmruntime.cpu.packed.PackedScratch.OTHER_SCALES;
import static org.slmruntime.cpu.packed.PackedScratch.OTHER_SUMS;
import static org.slmruntime.cpu.packed.Panels.BLOCK;
import static org.slmruntime.cpu.packed.Panels.COUNT;
import static org.slmruntime.cpu.packed.Panels.FLOATS;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.Panels.SHORTS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Adds the sums of a chunk of two panels to their rows' results: for each group {@code sum * (scale
 * * dx)}, then {@code codeSum * offset} where there are offsets. Both panels at once, since each
 * result waits for the one before.
 */
final class GroupSums {
  private GroupSums() {}

  /**
   * @param n columns
   * @param dx scales of the activations, the chunk's first at {@code block}
   * @param codeSums sums of the activations' blocks, scaled
   */
  static void add(
      PackedFormat format, PackedScratch k, int n, float[] dx, float[] codeSums, int block) {
    boolean offsets = format.scales.hasOffsets();
    int groups = n / format.group;
    if (format.group == format.width.run) {
      int shift = format.group == BLOCK ? 0 : 1;
      single(k, groups, offsets, dx, codeSums, block, shift);
    } else {
      paired(k, groups, offsets, dx, codeSums, block);
    }
  }

  /**
   * One run a group.
   *
   * @param shift log2 of the groups in a block
   */
  private static void single(
      PackedScratch k,
      int groups,
      boolean offsets,
      float[] dx,
      float[] codeSums,
      int block,
      int shift) {
    FloatVector even0 = FloatVector.fromArray(FLOATS, k.totals, 0);
    FloatVector odd0 = FloatVector.fromArray(FLOATS, k.totals, COUNT);
    FloatVector even1 = FloatVector.fromArray(FLOATS, k.totals, PANEL);
    FloatVector odd1 = FloatVector.fromArray(FLOATS, k.totals, PANEL + COUNT);
    for (int g = 0; g < groups; g++) {
      int b = block + (g >> shift);
      int at = g * PANEL;
      int other = OTHER_SCALES + at;
      IntVector s0 = ShortVector.fromArray(SHORTS, k.sums, at).reinterpretAsInts();
      IntVector s1 = ShortVector.fromArray(SHORTS, k.sums, OTHER_SUMS + at).reinterpretAsInts();
      FloatVector d0 = FloatVector.fromArray(FLOATS, k.scales, at).mul(dx[b]);
      FloatVector e0 = FloatVector.fromArray(FLOATS, k.scales, at + COUNT).mul(dx[b]);
      FloatVector d1 = FloatVector.fromArray(FLOATS, k.scales, other).mul(dx[b]);
      FloatVector e1 = FloatVector.fromArray(FLOATS, k.scales, other + COUNT).mul(dx[b]);
      even0 =
          ((FloatVector) s0.lanewise(LSHL, 16).lanewise(ASHR, 16).convert(I2F, 0)).fma(d0, even0);
      odd0 = ((FloatVector) s0.lanewise(ASHR, 16).convert(I2F, 0)).fma(e0, odd0);
      even1 =
          ((FloatVector) s1.lanewise(LSHL, 16).lanewise(ASHR, 16).convert(I2F, 0)).fma(d1, even1);
      odd1 = ((FloatVector) s1.lanewise(ASHR, 16).convert(I2F, 0)).fma(e1, odd1);
      if (offsets) {
        FloatVector sum = FloatVector.broadcast(FLOATS, codeSums[b]);
        even0 = FloatVector.fromArray(FLOATS, k.offsets, at).fma(sum, even0);
        odd0 = FloatVector.fromArray(FLOATS, k.offsets, at + COUNT).fma(sum, odd0);
        even1 = FloatVector.fromArray(FLOATS, k.offsets, other).fma(sum, even1);
        odd1 = FloatVector.fromArray(FLOATS, k.offsets, other + COUNT).fma(sum, odd1);
      }
    }
    even0.intoArray(k.totals, 0);
    odd0.intoArray(k.totals, COUNT);
    even1.intoArray(k.totals, PANEL);
    odd1.intoArray(k.totals, PANEL + COUNT);
  }

  /** Two runs a group, which is a block. */
  private static void paired(
      PackedScratch k, int groups, boolean offsets, float[] dx, float[] codeSums, int block) {
    FloatVector even0 = FloatVector.fromArray(FLOATS, k.totals, 0);
    FloatVector odd0 = FloatVector.fromArray(FLOATS, k.totals, COUNT);
    FloatVector even1 = FloatVector.fromArray(FLOATS, k.totals, PANEL);
    FloatVector odd1 = FloatVector.fromArray(FLOATS, k.totals, PANEL + COUNT);
    for (int g = 0; g < groups; g++) {
      int b = block + g;
      int at = g * PANEL;
      int other = OTHER_SCALES + at;
      IntVector s0 = ShortVector.fromArray(SHORTS, k.sums, 2 * at).reinterpretAsInts();
      IntVector t0 = ShortVector.fromArray(SHORTS, k.sums, 2 * at + PANEL).reinterpretAsInts();
      IntVector s1 = ShortVector.fromArray(SHORTS, k.sums, OTHER_SUMS + 2 * at).reinterpretAsInts();
      IntVector t1 =
          ShortVector.fromArray(SHORTS, k.sums, OTHER_SUMS + 2 * at + PANEL).reinterpretAsInts();
      FloatVector d0 = FloatVector.fromArray(FLOATS, k.scales, at).mul(dx[b]);
      FloatVector e0 = FloatVector.fromArray(FLOATS, k.scales, at + COUNT).mul(dx[b]);
      FloatVector d1 = FloatVector.fromArray(FLOATS, k.scales, other).mul(dx[b]);
      FloatVector e1 = FloatVector.fromArray(FLOATS, k.scales, other + COUNT).mul(dx[b]);
      IntVector high0 = s0.lanewise(ASHR, 16).add(t0.lanewise(ASHR, 16));
      s0 = s0.lanewise(LSHL, 16).lanewise(ASHR, 16);
      t0 = t0.lanewise(LSHL, 16).lanewise(ASHR, 16);
      even0 = ((FloatVector) s0.add(t0).convert(I2F, 0)).fma(d0, even0);
      odd0 = ((FloatVector) high0.convert(I2F, 0)).fma(e0, odd0);
      IntVector high1 = s1.lanewise(ASHR, 16).add(t1.lanewise(ASHR, 16));
      s1 = s1.lanewise(LSHL, 16).lanewise(ASHR, 16);
      t1 = t1.lanewise(LSHL, 16).lanewise(ASHR, 16);
      even1 = ((FloatVector) s1.add(t1).convert(I2F, 0)).fma(d1, even1);
      odd1 = ((FloatVector) high1.convert(I2F, 0)).fma(e1, odd1);
      if (offsets) {
        FloatVector sum = FloatVector.broadcast(FLOATS, codeSums[b]);
        even0 = FloatVector.fromArray(FLOATS, k.offsets, at).fma(sum, even0);
        odd0 = FloatVector.fromArray(FLOATS, k.offsets, at + COUNT).fma(sum, odd0);
        even1 = FloatVector.fromArray(FLOATS, k.offsets, other).fma(sum, even1);
        odd1 = FloatVector.fromArray(FLOATS, k.offsets, other + COUNT).fma(sum, odd1);
      }
    }
    even0.intoArray(k.totals, 0);
    odd0.intoArray(k.totals, COUNT);
    even1.intoArray(k.totals, PANEL);
    odd1.intoArray(k.totals, PANEL + COUNT);
  }
}
