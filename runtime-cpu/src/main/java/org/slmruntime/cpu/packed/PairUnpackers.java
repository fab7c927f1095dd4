package org.slmruntime.cpu.packed;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;
import static org.slmruntime.cpu.packed.Panels.LE;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.Panels.SHORTS;
import static org.slmruntime.cpu.packed.Panels.VECTOR_BYTES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Expands the packed codes of a chunk of a panel to 16 bits for {@link PackedGemm}: for each pair
 * of columns, as {@link TokenGroups} has them, a vector of the even rows and one of the odd ones, a
 * row's two columns side by side. Stored codes are unsigned; turning their top bits makes them
 * signed.
 *
 * <p>Parameters of all: {@code p} where the codes begin, {@code n} columns.
 */
final class PairUnpackers {
  private static final int LOW = 0xffff;
  private static final int HIGH = 0xffff0000;

  private PairUnpackers() {}

  /** Eight columns at a time; values are paired before they are taken apart. */
  static void fours(MemorySegment s, long p, int n, short[] codes) {
    for (int c = 0; c < n; c += 8, p += 2 * VECTOR_BYTES) {
      IntVector a = ShortVector.fromMemorySegment(SHORTS, s, p, LE).reinterpretAsInts();
      IntVector b =
          ShortVector.fromMemorySegment(SHORTS, s, p + VECTOR_BYTES, LE).reinterpretAsInts();
      a = a.lanewise(XOR, 0x88888888);
      b = b.lanewise(XOR, 0x88888888);
      ShortVector even = a.and(LOW).or(b.lanewise(LSHL, 16)).reinterpretAsShorts();
      ShortVector odd = b.and(HIGH).or(a.lanewise(LSHR, 16)).reinterpretAsShorts();
      int to = c * PANEL;
      even.lanewise(LSHL, 12).lanewise(ASHR, 12).intoArray(codes, to);
      odd.lanewise(LSHL, 12).lanewise(ASHR, 12).intoArray(codes, to + PANEL);
      even.lanewise(LSHL, 8).lanewise(ASHR, 12).intoArray(codes, to + 2 * PANEL);
      odd.lanewise(LSHL, 8).lanewise(ASHR, 12).intoArray(codes, to + 3 * PANEL);
      even.lanewise(LSHL, 4).lanewise(ASHR, 12).intoArray(codes, to + 4 * PANEL);
      odd.lanewise(LSHL, 4).lanewise(ASHR, 12).intoArray(codes, to + 5 * PANEL);
      even.lanewise(ASHR, 12).intoArray(codes, to + 6 * PANEL);
      odd.lanewise(ASHR, 12).intoArray(codes, to + 7 * PANEL);
    }
  }

  static void threes(MemorySegment s, long p, int n, short[] codes) {
    fifteenThrees(s, p, n, codes);
    sixteenths(s, p, n, 3, codes);
    pair(codes, n);
  }

  static void fives(MemorySegment s, long p, int n, short[] codes) {
    fifteenFives(s, p, n, codes);
    sixteenths(s, p, n, 5, codes);
    pair(codes, n);
  }

  /**
   * Fifteen of sixteen columns at a time, each next to its partner: {@link #pair} does the rest.
   */
  private static void fifteenThrees(MemorySegment s, long p, int n, short[] codes) {
    for (int to = 0; to < n * PANEL; to += 16 * PANEL, p += 3 * VECTOR_BYTES) {
      ShortVector u = ShortVector.fromMemorySegment(SHORTS, s, p, LE);
      u = u.lanewise(XOR, (short) 0x4924);
      u.lanewise(LSHL, 13).lanewise(ASHR, 13).intoArray(codes, to);
      u.lanewise(LSHL, 10).lanewise(ASHR, 13).intoArray(codes, to + 2 * PANEL);
      u.lanewise(LSHL, 7).lanewise(ASHR, 13).intoArray(codes, to + 4 * PANEL);
      u.lanewise(LSHL, 4).lanewise(ASHR, 13).intoArray(codes, to + 6 * PANEL);
      u.lanewise(LSHL, 1).lanewise(ASHR, 13).intoArray(codes, to + PANEL);
      u = ShortVector.fromMemorySegment(SHORTS, s, p + VECTOR_BYTES, LE);
      u = u.lanewise(XOR, (short) 0x4924);
      u.lanewise(LSHL, 13).lanewise(ASHR, 13).intoArray(codes, to + 3 * PANEL);
      u.lanewise(LSHL, 10).lanewise(ASHR, 13).intoArray(codes, to + 5 * PANEL);
      u.lanewise(LSHL, 7).lanewise(ASHR, 13).intoArray(codes, to + 7 * PANEL);
      u.lanewise(LSHL, 4).lanewise(ASHR, 13).intoArray(codes, to + 8 * PANEL);
      u.lanewise(LSHL, 1).lanewise(ASHR, 13).intoArray(codes, to + 10 * PANEL);
      u = ShortVector.fromMemorySegment(SHORTS, s, p + 2 * VECTOR_BYTES, LE);
      u = u.lanewise(XOR, (short) 0x4924);
      u.lanewise(LSHL, 13).lanewise(ASHR, 13).intoArray(codes, to + 12 * PANEL);
      u.lanewise(LSHL, 10).lanewise(ASHR, 13).intoArray(codes, to + 14 * PANEL);
      u.lanewise(LSHL, 7).lanewise(ASHR, 13).intoArray(codes, to + 9 * PANEL);
      u.lanewise(LSHL, 4).lanewise(ASHR, 13).intoArray(codes, to + 11 * PANEL);
      u.lanewise(LSHL, 1).lanewise(ASHR, 13).intoArray(codes, to + 13 * PANEL);
    }
  }

  /** The same for five bits. */
  private static void fifteenFives(MemorySegment s, long p, int n, short[] codes) {
    for (int to = 0; to < n * PANEL; to += 16 * PANEL, p += 5 * VECTOR_BYTES) {
      ShortVector u = ShortVector.fromMemorySegment(SHORTS, s, p, LE);
      u = u.lanewise(XOR, (short) 0x4210);
      u.lanewise(LSHL, 11).lanewise(ASHR, 11).intoArray(codes, to);
      u.lanewise(LSHL, 6).lanewise(ASHR, 11).intoArray(codes, to + 2 * PANEL);
      u.lanewise(LSHL, 1).lanewise(ASHR, 11).intoArray(codes, to + 4 * PANEL);
      u = ShortVector.fromMemorySegment(SHORTS, s, p + VECTOR_BYTES, LE);
      u = u.lanewise(XOR, (short) 0x4210);
      u.lanewise(LSHL, 11).lanewise(ASHR, 11).intoArray(codes, to + 6 * PANEL);
      u.lanewise(LSHL, 6).lanewise(ASHR, 11).intoArray(codes, to + PANEL);
      u.lanewise(LSHL, 1).lanewise(ASHR, 11).intoArray(codes, to + 3 * PANEL);
      u = ShortVector.fromMemorySegment(SHORTS, s, p + 2 * VECTOR_BYTES, LE);
      u = u.lanewise(XOR, (short) 0x4210);
      u.lanewise(LSHL, 11).lanewise(ASHR, 11).intoArray(codes, to + 5 * PANEL);
      u.lanewise(LSHL, 6).lanewise(ASHR, 11).intoArray(codes, to + 7 * PANEL);
      u.lanewise(LSHL, 1).lanewise(ASHR, 11).intoArray(codes, to + 8 * PANEL);
      u = ShortVector.fromMemorySegment(SHORTS, s, p + 3 * VECTOR_BYTES, LE);
      u = u.lanewise(XOR, (short) 0x4210);
      u.lanewise(LSHL, 11).lanewise(ASHR, 11).intoArray(codes, to + 10 * PANEL);
      u.lanewise(LSHL, 6).lanewise(ASHR, 11).intoArray(codes, to + 12 * PANEL);
      u.lanewise(LSHL, 1).lanewise(ASHR, 11).intoArray(codes, to + 14 * PANEL);
      u = ShortVector.fromMemorySegment(SHORTS, s, p + 4 * VECTOR_BYTES, LE);
      u = u.lanewise(XOR, (short) 0x4210);
      u.lanewise(LSHL, 11).lanewise(ASHR, 11).intoArray(codes, to + 9 * PANEL);
      u.lanewise(LSHL, 6).lanewise(ASHR, 11).intoArray(codes, to + 11 * PANEL);
      u.lanewise(LSHL, 1).lanewise(ASHR, 11).intoArray(codes, to + 13 * PANEL);
    }
  }

  /** The last of sixteen columns, from the top bits of as many values as a code has bits. */
  private static void sixteenths(MemorySegment s, long p, int n, int bits, short[] codes) {
    short bias = (short) (1 << bits - 1);
    int runs = n / 16;
    for (int run = 0; run < runs; run++) {
      long at = p + (long) run * bits * VECTOR_BYTES;
      ShortVector last = ShortVector.fromMemorySegment(SHORTS, s, at, LE).lanewise(LSHR, 15);
      for (int i = 1; i < bits; i++) {
        long next = at + (long) i * VECTOR_BYTES;
        ShortVector u = ShortVector.fromMemorySegment(SHORTS, s, next, LE);
        last = last.lanewise(LSHL, 1).or(u.lanewise(LSHR, 15));
      }
      last.sub(bias).intoArray(codes, (16 * run + 15) * PANEL);
    }
  }

  /** Eight columns at a time, two of them in the top four bits of three values. */
  static void sixes(MemorySegment s, long p, int n, short[] codes) {
    for (int to = 0; to < n * PANEL; to += 8 * PANEL, p += 3 * VECTOR_BYTES) {
      ShortVector u = ShortVector.fromMemorySegment(SHORTS, s, p, LE);
      ShortVector v = ShortVector.fromMemorySegment(SHORTS, s, p + VECTOR_BYTES, LE);
      ShortVector w = ShortVector.fromMemorySegment(SHORTS, s, p + 2 * VECTOR_BYTES, LE);
      u = u.lanewise(XOR, (short) 0x0820);
      v = v.lanewise(XOR, (short) 0x0820);
      w = w.lanewise(XOR, (short) 0xa820);
      IntVector a = u.reinterpretAsInts();
      IntVector b = w.reinterpretAsInts();
      ShortVector even = a.and(LOW).or(b.lanewise(LSHL, 16)).reinterpretAsShorts();
      ShortVector odd = b.and(HIGH).or(a.lanewise(LSHR, 16)).reinterpretAsShorts();
      even.lanewise(LSHL, 10).lanewise(ASHR, 10).intoArray(codes, to);
      odd.lanewise(LSHL, 10).lanewise(ASHR, 10).intoArray(codes, to + PANEL);
      even.lanewise(LSHL, 4).lanewise(ASHR, 10).intoArray(codes, to + 2 * PANEL);
      odd.lanewise(LSHL, 4).lanewise(ASHR, 10).intoArray(codes, to + 3 * PANEL);
      ShortVector top = w.lanewise(LSHL, 2).lanewise(ASHR, 14).lanewise(LSHL, 4);
      a = v.lanewise(LSHL, 10).lanewise(ASHR, 10).reinterpretAsInts();
      b = top.or(u.lanewise(LSHR, 12)).reinterpretAsInts();
      even = a.and(LOW).or(b.lanewise(LSHL, 16)).reinterpretAsShorts();
      odd = b.and(HIGH).or(a.lanewise(LSHR, 16)).reinterpretAsShorts();
      even.intoArray(codes, to + 4 * PANEL);
      odd.intoArray(codes, to + 5 * PANEL);
      top = w.lanewise(ASHR, 14).lanewise(LSHL, 4);
      a = v.lanewise(LSHL, 4).lanewise(ASHR, 10).reinterpretAsInts();
      b = top.or(v.lanewise(LSHR, 12)).reinterpretAsInts();
      even = a.and(LOW).or(b.lanewise(LSHL, 16)).reinterpretAsShorts();
      odd = b.and(HIGH).or(a.lanewise(LSHR, 16)).reinterpretAsShorts();
      even.intoArray(codes, to + 6 * PANEL);
      odd.intoArray(codes, to + 7 * PANEL);
    }
  }

  /** Two columns of all rows become even rows of both columns and odd rows of both. */
  private static void pair(short[] codes, int n) {
    for (int i = 0; i < n * PANEL; i += 2 * PANEL) {
      IntVector a = ShortVector.fromArray(SHORTS, codes, i).reinterpretAsInts();
      IntVector b = ShortVector.fromArray(SHORTS, codes, i + PANEL).reinterpretAsInts();
      IntVector even = a.and(LOW).or(b.lanewise(LSHL, 16));
      IntVector odd = b.and(HIGH).or(a.lanewise(LSHR, 16));
      even.reinterpretAsShorts().intoArray(codes, i);
      odd.reinterpretAsShorts().intoArray(codes, i + PANEL);
    }
  }
}
