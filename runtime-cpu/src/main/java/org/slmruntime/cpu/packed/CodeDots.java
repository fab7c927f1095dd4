package org.slmruntime.cpu.packed;

import static jdk.incubator.vector.VectorOperators.LSHR;
import static org.slmruntime.cpu.packed.PackedScratch.OTHER_SUMS;
import static org.slmruntime.cpu.packed.Panels.INTS;
import static org.slmruntime.cpu.packed.Panels.LE;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.Panels.SHORTS;
import static org.slmruntime.cpu.packed.Panels.VECTOR_BYTES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * One token times the codes of a chunk of two panels: a 16-bit sum for each run of columns and row.
 * Two panels, so that a multiplier is broadcast once for both.
 *
 * <p>{@code p0} and {@code p1} are where the panels' codes begin, {@code y} are the token's {@link
 * Multipliers}, the chunk's from {@code m} on. Places are linear in the loops' variables, whose
 * bounds are constant where they can be, so that C2 checks them before the loops and not in them: a
 * quarter of the time.
 */
final class CodeDots {
  private CodeDots() {}

  static void threes(MemorySegment s, long p0, long p1, int[] y, int m, int runs, short[] sums) {
    for (int run = 0; run < runs; run++) {
      int begin = m + 19 * run;
      ShortVector a = IntVector.broadcast(INTS, y[begin]).reinterpretAsShorts();
      ShortVector b = a;
      for (int i = 0; i < 3; i++) {
        long at = (long) (3 * run + i) * VECTOR_BYTES;
        int k = begin + 1 + 6 * i;
        ShortVector u = ShortVector.fromMemorySegment(SHORTS, s, p0 + at, LE);
        ShortVector v = ShortVector.fromMemorySegment(SHORTS, s, p1 + at, LE);
        ShortVector t = IntVector.broadcast(INTS, y[k]).reinterpretAsShorts();
        ShortVector r = IntVector.broadcast(INTS, y[k + 1]).reinterpretAsShorts();
        a = a.add(u.mul(t).add(u.lanewise(LSHR, 3).mul(r)));
        b = b.add(v.mul(t).add(v.lanewise(LSHR, 3).mul(r)));
        t = IntVector.broadcast(INTS, y[k + 2]).reinterpretAsShorts();
        r = IntVector.broadcast(INTS, y[k + 3]).reinterpretAsShorts();
        a = a.add(u.lanewise(LSHR, 6).mul(t).add(u.lanewise(LSHR, 9).mul(r)));
        b = b.add(v.lanewise(LSHR, 6).mul(t).add(v.lanewise(LSHR, 9).mul(r)));
        t = IntVector.broadcast(INTS, y[k + 4]).reinterpretAsShorts();
        r = IntVector.broadcast(INTS, y[k + 5]).reinterpretAsShorts();
        a = a.add(u.lanewise(LSHR, 12).mul(t).add(u.lanewise(LSHR, 15).mul(r)));
        b = b.add(v.lanewise(LSHR, 12).mul(t).add(v.lanewise(LSHR, 15).mul(r)));
      }
      a.intoArray(sums, run * PANEL);
      b.intoArray(sums, OTHER_SUMS + run * PANEL);
    }
  }

  static void fours(MemorySegment s, long p0, long p1, int[] y, int m, int runs, short[] sums) {
    for (int run = 0; run < runs; run++) {
      int begin = m + 33 * run;
      ShortVector a = IntVector.broadcast(INTS, y[begin]).reinterpretAsShorts();
      ShortVector b = a;
      for (int i = 0; i < 8; i++) {
        long at = (long) (8 * run + i) * VECTOR_BYTES;
        int k = begin + 1 + 4 * i;
        ShortVector u = ShortVector.fromMemorySegment(SHORTS, s, p0 + at, LE);
        ShortVector v = ShortVector.fromMemorySegment(SHORTS, s, p1 + at, LE);
        ShortVector t = IntVector.broadcast(INTS, y[k]).reinterpretAsShorts();
        ShortVector r = IntVector.broadcast(INTS, y[k + 1]).reinterpretAsShorts();
        a = a.add(u.mul(t).add(u.lanewise(LSHR, 4).mul(r)));
        b = b.add(v.mul(t).add(v.lanewise(LSHR, 4).mul(r)));
        t = IntVector.broadcast(INTS, y[k + 2]).reinterpretAsShorts();
        r = IntVector.broadcast(INTS, y[k + 3]).reinterpretAsShorts();
        a = a.add(u.lanewise(LSHR, 8).mul(t).add(u.lanewise(LSHR, 12).mul(r)));
        b = b.add(v.lanewise(LSHR, 8).mul(t).add(v.lanewise(LSHR, 12).mul(r)));
      }
      a.intoArray(sums, run * PANEL);
      b.intoArray(sums, OTHER_SUMS + run * PANEL);
    }
  }

  static void fives(MemorySegment s, long p0, long p1, int[] y, int m, int runs, short[] sums) {
    for (int run = 0; run < runs; run++) {
      int begin = m + 21 * run;
      ShortVector a = IntVector.broadcast(INTS, y[begin]).reinterpretAsShorts();
      ShortVector b = a;
      for (int i = 0; i < 5; i++) {
        long at = (long) (5 * run + i) * VECTOR_BYTES;
        int k = begin + 1 + 4 * i;
        ShortVector u = ShortVector.fromMemorySegment(SHORTS, s, p0 + at, LE);
        ShortVector v = ShortVector.fromMemorySegment(SHORTS, s, p1 + at, LE);
        ShortVector t = IntVector.broadcast(INTS, y[k]).reinterpretAsShorts();
        ShortVector r = IntVector.broadcast(INTS, y[k + 1]).reinterpretAsShorts();
        a = a.add(u.mul(t).add(u.lanewise(LSHR, 5).mul(r)));
        b = b.add(v.mul(t).add(v.lanewise(LSHR, 5).mul(r)));
        t = IntVector.broadcast(INTS, y[k + 2]).reinterpretAsShorts();
        r = IntVector.broadcast(INTS, y[k + 3]).reinterpretAsShorts();
        a = a.add(u.lanewise(LSHR, 10).mul(t).add(u.lanewise(LSHR, 15).mul(r)));
        b = b.add(v.lanewise(LSHR, 10).mul(t).add(v.lanewise(LSHR, 15).mul(r)));
      }
      a.intoArray(sums, run * PANEL);
      b.intoArray(sums, OTHER_SUMS + run * PANEL);
    }
  }

  static void sixes(MemorySegment s, long p0, long p1, int[] y, int m, int runs, short[] sums) {
    for (int run = 0; run < runs; run++) {
      int begin = m + 11 * run;
      ShortVector a = IntVector.broadcast(INTS, y[begin]).reinterpretAsShorts();
      ShortVector b = a;
      for (int i = 0; i < 2; i++) {
        long at = (long) (3 * run + i) * VECTOR_BYTES;
        int k = begin + 1 + 3 * i;
        ShortVector u = ShortVector.fromMemorySegment(SHORTS, s, p0 + at, LE);
        ShortVector v = ShortVector.fromMemorySegment(SHORTS, s, p1 + at, LE);
        ShortVector t = IntVector.broadcast(INTS, y[k]).reinterpretAsShorts();
        ShortVector r = IntVector.broadcast(INTS, y[k + 1]).reinterpretAsShorts();
        a = a.add(u.mul(t).add(u.lanewise(LSHR, 6).mul(r)));
        b = b.add(v.mul(t).add(v.lanewise(LSHR, 6).mul(r)));
        t = IntVector.broadcast(INTS, y[k + 2]).reinterpretAsShorts();
        a = a.add(u.lanewise(LSHR, 12).mul(t));
        b = b.add(v.lanewise(LSHR, 12).mul(t));
      }
      long at = (long) (3 * run + 2) * VECTOR_BYTES;
      ShortVector u = ShortVector.fromMemorySegment(SHORTS, s, p0 + at, LE);
      ShortVector v = ShortVector.fromMemorySegment(SHORTS, s, p1 + at, LE);
      ShortVector t = IntVector.broadcast(INTS, y[begin + 7]).reinterpretAsShorts();
      ShortVector r = IntVector.broadcast(INTS, y[begin + 8]).reinterpretAsShorts();
      a = a.add(u.mul(t).add(u.lanewise(LSHR, 6).mul(r)));
      b = b.add(v.mul(t).add(v.lanewise(LSHR, 6).mul(r)));
      t = IntVector.broadcast(INTS, y[begin + 9]).reinterpretAsShorts();
      r = IntVector.broadcast(INTS, y[begin + 10]).reinterpretAsShorts();
      a = a.add(u.lanewise(LSHR, 12).mul(t).add(u.lanewise(LSHR, 14).mul(r)));
      b = b.add(v.lanewise(LSHR, 12).mul(t).add(v.lanewise(LSHR, 14).mul(r)));
      a.intoArray(sums, run * PANEL);
      b.intoArray(sums, OTHER_SUMS + run * PANEL);
    }
  }
}
