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
    ByteVector levels = ByteVector.fromArray(BYTES, LEVELS, 0);
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
      long q0 = p0 + (long) b * VECTORS * VECTOR_BYTES;
      long q1 = p1 + (long) b * VECTORS * VECTOR_BYTES;
      for (int i = 0; i < VECTORS; i++) {
        long at = (long) i * VECTOR_BYTES;
        int j = begin + 2 * i;
        ShortVector z0 = ShortVector.fromMemorySegment(SHORTS, s, q0 + at, LE);
        ShortVector z1 = ShortVector.fromMemorySegment(SHORTS, s, q1 + at, LE);
        ShortVector t = IntVector.broadcast(INTS, y[j]).reinterpretAsShorts();
        ShortVector r = IntVector.broadcast(INTS, y[j + VALUES]).reinterpretAsShorts();
        ShortVector e = IntVector.broadcast(INTS, y[j + 2 * VALUES]).reinterpretAsShorts();
        ShortVector u = z0.reinterpretAsBytes().selectFrom(levels).reinterpretAsShorts();
        IntVector w = u.mul(t).add(e).add(u.lanewise(LSHR, 8).mul(r)).reinterpretAsInts();
        both0 = both0.add(w);
        upper0 = upper0.add(w.lanewise(LSHR, 16));
        u = z1.reinterpretAsBytes().selectFrom(levels).reinterpretAsShorts();
        w = u.mul(t).add(e).add(u.lanewise(LSHR, 8).mul(r)).reinterpretAsInts();
        both1 = both1.add(w);
        upper1 = upper1.add(w.lanewise(LSHR, 16));
        t = IntVector.broadcast(INTS, y[j + 1]).reinterpretAsShorts();
        r = IntVector.broadcast(INTS, y[j + 1 + VALUES]).reinterpretAsShorts();
        e = IntVector.broadcast(INTS, y[j + 1 + 2 * VALUES]).reinterpretAsShorts();
        z0 = z0.lanewise(LSHR, 4);
        u = z0.reinterpretAsBytes().selectFrom(levels).reinterpretAsShorts();
        w = u.mul(t).add(e).add(u.lanewise(LSHR, 8).mul(r)).reinterpretAsInts();
        both0 = both0.add(w);
        upper0 = upper0.add(w.lanewise(LSHR, 16));
        z1 = z1.lanewise(LSHR, 4);
        u = z1.reinterpretAsBytes().selectFrom(levels).reinterpretAsShorts();
        w = u.mul(t).add(e).add(u.lanewise(LSHR, 8).mul(r)).reinterpretAsInts();
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
