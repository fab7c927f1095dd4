package org.slmruntime.cpu.packed;

import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static org.slmruntime.cpu.packed.PackedScratch.OTHER_SCALES;
import static org.slmruntime.cpu.packed.Panels.COUNT;
import static org.slmruntime.cpu.packed.Panels.FLOATS;
import static org.slmruntime.cpu.packed.Panels.INTS;
import static org.slmruntime.cpu.packed.Panels.LE;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.Panels.SHORTS;
import static org.slmruntime.cpu.packed.Panels.VECTOR_BYTES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * One token times the codes of 8 bits of a chunk of two panels, scales included: what {@link
 * CodeDots} and {@link GroupSums} do for smaller codes, since only two of these products fit 16
 * bits.
 *
 * <p>The sum of two products, made positive by 0x8000, is the half of an odd or an even row in 32
 * bits. Adding these, and their upper halves alone, gives both rows' sums: what the upper halves
 * make in the first sum is known in the end.
 */
final class EightBitDots {
  /** Values of a block: two columns each. */
  private static final int VALUES = Panels.BLOCK / 2;

  /** What makes the sums of a block's values positive is taken away at the beginning. */
  private static final int UPPER = -VALUES * 0x8000;

  private static final int BOTH = UPPER + (UPPER << 16);

  private EightBitDots() {}

  /**
   * Adds to the totals of {@code k}, block after block, {@code sum * (scale * dx)}.
   *
   * @param p0 where the first panel's codes begin, {@code p1} the second's
   * @param y the token's {@link Multipliers}, the chunk's from {@code m} on
   * @param dx scales of the activations, the chunk's first at {@code block}
   */
  static void add(
      MemorySegment s,
      long p0,
      long p1,
      int[] y,
      int m,
      int blocks,
      float[] dx,
      int block,
      PackedScratch k) {
    FloatVector even0 = FloatVector.fromArray(FLOATS, k.totals, 0);
    FloatVector odd0 = FloatVector.fromArray(FLOATS, k.totals, COUNT);
    FloatVector even1 = FloatVector.fromArray(FLOATS, k.totals, PANEL);
    FloatVector odd1 = FloatVector.fromArray(FLOATS, k.totals, PANEL + COUNT);
    for (int b = 0; b < blocks; b++) {
      IntVector both0 = IntVector.broadcast(INTS, BOTH);
      IntVector upper0 = IntVector.broadcast(INTS, UPPER);
      IntVector both1 = both0;
      IntVector upper1 = upper0;
      int begin = m + 3 * VALUES * b;
      long q0 = p0 + (long) b * VALUES * VECTOR_BYTES;
      long q1 = p1 + (long) b * VALUES * VECTOR_BYTES;
      for (int i = 0; i < VALUES; i++) {
        long at = (long) i * VECTOR_BYTES;
        ShortVector u = ShortVector.fromMemorySegment(SHORTS, s, q0 + at, LE);
        ShortVector v = ShortVector.fromMemorySegment(SHORTS, s, q1 + at, LE);
        ShortVector t = IntVector.broadcast(INTS, y[begin + i]).reinterpretAsShorts();
        ShortVector r = IntVector.broadcast(INTS, y[begin + VALUES + i]).reinterpretAsShorts();
        ShortVector e = IntVector.broadcast(INTS, y[begin + 2 * VALUES + i]).reinterpretAsShorts();
        IntVector w = u.mul(t).add(e).add(u.lanewise(LSHR, 8).mul(r)).reinterpretAsInts();
        both0 = both0.add(w);
        upper0 = upper0.add(w.lanewise(LSHR, 16));
        w = v.mul(t).add(e).add(v.lanewise(LSHR, 8).mul(r)).reinterpretAsInts();
        both1 = both1.add(w);
        upper1 = upper1.add(w.lanewise(LSHR, 16));
      }
      int at = b * PANEL;
      int other = OTHER_SCALES + at;
      float d = dx[block + b];
      FloatVector scale = FloatVector.fromArray(FLOATS, k.scales, at).mul(d);
      both0 = both0.sub(upper0.lanewise(LSHL, 16));
      even0 = ((FloatVector) both0.convert(I2F, 0)).fma(scale, even0);
      scale = FloatVector.fromArray(FLOATS, k.scales, at + COUNT).mul(d);
      odd0 = ((FloatVector) upper0.convert(I2F, 0)).fma(scale, odd0);
      scale = FloatVector.fromArray(FLOATS, k.scales, other).mul(d);
      both1 = both1.sub(upper1.lanewise(LSHL, 16));
      even1 = ((FloatVector) both1.convert(I2F, 0)).fma(scale, even1);
      scale = FloatVector.fromArray(FLOATS, k.scales, other + COUNT).mul(d);
      odd1 = ((FloatVector) upper1.convert(I2F, 0)).fma(scale, odd1);
    }
    even0.intoArray(k.totals, 0);
    odd0.intoArray(k.totals, COUNT);
    even1.intoArray(k.totals, PANEL);
    odd1.intoArray(k.totals, PANEL + COUNT);
  }
}
