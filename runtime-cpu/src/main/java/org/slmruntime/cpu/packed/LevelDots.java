package org.slmruntime.cpu.packed;

import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static org.slmruntime.cpu.packed.PackedScratch.OTHER_SCALES;
import static org.slmruntime.cpu.packed.Panels.BYTES;
import static org.slmruntime.cpu.packed.Panels.COUNT;
import static org.slmruntime.cpu.packed.Panels.FLOATS;
import static org.slmruntime.cpu.packed.Panels.INTS;
import static org.slmruntime.cpu.packed.Panels.LE;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.Panels.SHORTS;
import static org.slmruntime.cpu.packed.Panels.VECTOR_BYTES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import org.slmruntime.cpu.vector.Levels;

/**
 * One token times the levels of a chunk of two panels, scales included. A vector of numbers becomes
 * two of codes of 8 bits, as they are packed and as {@link EightBitDots} multiplies them: looked up
 * in the low nibbles of bytes, then in the high ones.
 */
final class LevelDots {
  /** Vectors of a block: four columns of each row. */
  private static final int VECTORS = Panels.BLOCK / 4;

  /** Values of a block once they are looked up. */
  private static final int VALUES = Panels.BLOCK / 2;

  /** Where sums begin: see {@link EightBitDots}. */
  private static final int UPPER = -VALUES * 0x8000;

  private static final int BOTH = UPPER + (UPPER << 16);

  /** Unsigned as packed codes are. */
  private static final byte[] LEVELS = Levels.table(VECTOR_BYTES, 128);

  private LevelDots() {}

  /** The same as {@link EightBitDots#add}, with the same multipliers. */
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
    add(s, p0, y, m, blocks, dx, block, k.scales, 0, k.totals, 0);
    add(s, p1, y, m, blocks, dx, block, k.scales, OTHER_SCALES, k.totals, PANEL);
  }

  /**
   * One panel: with both in one method, which is twice as long, C2 sometimes left vectors in the
   * heap.
   */
  private static void add(
      MemorySegment s,
      long p,
      int[] y,
      int m,
      int blocks,
      float[] dx,
      int block,
      float[] scales,
      int from,
      float[] totals,
      int to) {
    ByteVector levels = ByteVector.fromArray(BYTES, LEVELS, 0);
    FloatVector even = FloatVector.fromArray(FLOATS, totals, to);
    FloatVector odd = FloatVector.fromArray(FLOATS, totals, to + COUNT);
    for (int b = 0; b < blocks; b++) {
      IntVector both = IntVector.broadcast(INTS, BOTH);
      IntVector upper = IntVector.broadcast(INTS, UPPER);
      int begin = m + 3 * VALUES * b;
      long q = p + (long) b * VECTORS * VECTOR_BYTES;
      for (int i = 0; i < VECTORS; i++) {
        int j = begin + 2 * i;
        ShortVector z = ShortVector.fromMemorySegment(SHORTS, s, q + (long) i * VECTOR_BYTES, LE);
        ShortVector t = IntVector.broadcast(INTS, y[j]).reinterpretAsShorts();
        ShortVector r = IntVector.broadcast(INTS, y[j + VALUES]).reinterpretAsShorts();
        ShortVector e = IntVector.broadcast(INTS, y[j + 2 * VALUES]).reinterpretAsShorts();
        ShortVector u = z.reinterpretAsBytes().selectFrom(levels).reinterpretAsShorts();
        IntVector w = u.mul(t).add(e).add(u.lanewise(LSHR, 8).mul(r)).reinterpretAsInts();
        both = both.add(w);
        upper = upper.add(w.lanewise(LSHR, 16));
        t = IntVector.broadcast(INTS, y[j + 1]).reinterpretAsShorts();
        r = IntVector.broadcast(INTS, y[j + 1 + VALUES]).reinterpretAsShorts();
        e = IntVector.broadcast(INTS, y[j + 1 + 2 * VALUES]).reinterpretAsShorts();
        z = z.lanewise(LSHR, 4);
        u = z.reinterpretAsBytes().selectFrom(levels).reinterpretAsShorts();
        w = u.mul(t).add(e).add(u.lanewise(LSHR, 8).mul(r)).reinterpretAsInts();
        both = both.add(w);
        upper = upper.add(w.lanewise(LSHR, 16));
      }
      int at = from + b * PANEL;
      float d = dx[block + b];
      FloatVector scale = FloatVector.fromArray(FLOATS, scales, at).mul(d);
      both = both.sub(upper.lanewise(LSHL, 16));
      even = ((FloatVector) both.convert(I2F, 0)).fma(scale, even);
      scale = FloatVector.fromArray(FLOATS, scales, at + COUNT).mul(d);
      odd = ((FloatVector) upper.convert(I2F, 0)).fma(scale, odd);
    }
    even.intoArray(totals, to);
    odd.intoArray(totals, to + COUNT);
  }
}
