package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.INTS;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.Panels.SHORTS;
import static org.slmruntime.cpu.packed.TokenGroups.GROUP;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Exact products of a chunk's expanded codes with tokens, summed over groups of columns: the lower
 * columns of a group's pairs in the low half of 32 bits, the upper ones in the high half. A method
 * for each number of tokens, since their sums are in registers.
 *
 * <p>Parameters of all: {@code w} codes, {@code x} pairs of activations from {@code x0} on, {@code
 * groups} of columns of {@code pairs} pairs each, {@code sums} [group][token][even rows, odd rows].
 */
final class PairSums {
  private PairSums() {}

  /** Eight tokens, for 32 registers; {@link TokenGroups#GROUP} is then eight. */
  static void eight(short[] w, int[] x, int x0, int groups, int pairs, short[] sums) {
    int k = 0;
    int to = 0;
    for (int g = 0; g < groups; g++) {
      ShortVector a0 = ShortVector.zero(SHORTS);
      ShortVector a1 = a0;
      ShortVector a2 = a0;
      ShortVector a3 = a0;
      ShortVector a4 = a0;
      ShortVector a5 = a0;
      ShortVector a6 = a0;
      ShortVector a7 = a0;
      ShortVector b0 = a0;
      ShortVector b1 = a0;
      ShortVector b2 = a0;
      ShortVector b3 = a0;
      ShortVector b4 = a0;
      ShortVector b5 = a0;
      ShortVector b6 = a0;
      ShortVector b7 = a0;
      for (int end = k + pairs; k < end; k++) {
        ShortVector u = ShortVector.fromArray(SHORTS, w, k * 2 * PANEL);
        ShortVector v = ShortVector.fromArray(SHORTS, w, k * 2 * PANEL + PANEL);
        int i = x0 + 8 * k;
        ShortVector t = IntVector.broadcast(INTS, x[i]).reinterpretAsShorts();
        a0 = a0.add(u.mul(t));
        b0 = b0.add(v.mul(t));
        t = IntVector.broadcast(INTS, x[i + 1]).reinterpretAsShorts();
        a1 = a1.add(u.mul(t));
        b1 = b1.add(v.mul(t));
        t = IntVector.broadcast(INTS, x[i + 2]).reinterpretAsShorts();
        a2 = a2.add(u.mul(t));
        b2 = b2.add(v.mul(t));
        t = IntVector.broadcast(INTS, x[i + 3]).reinterpretAsShorts();
        a3 = a3.add(u.mul(t));
        b3 = b3.add(v.mul(t));
        t = IntVector.broadcast(INTS, x[i + 4]).reinterpretAsShorts();
        a4 = a4.add(u.mul(t));
        b4 = b4.add(v.mul(t));
        t = IntVector.broadcast(INTS, x[i + 5]).reinterpretAsShorts();
        a5 = a5.add(u.mul(t));
        b5 = b5.add(v.mul(t));
        t = IntVector.broadcast(INTS, x[i + 6]).reinterpretAsShorts();
        a6 = a6.add(u.mul(t));
        b6 = b6.add(v.mul(t));
        t = IntVector.broadcast(INTS, x[i + 7]).reinterpretAsShorts();
        a7 = a7.add(u.mul(t));
        b7 = b7.add(v.mul(t));
      }
      a0.intoArray(sums, to);
      b0.intoArray(sums, to + PANEL);
      a1.intoArray(sums, to + 2 * PANEL);
      b1.intoArray(sums, to + 3 * PANEL);
      a2.intoArray(sums, to + 4 * PANEL);
      b2.intoArray(sums, to + 5 * PANEL);
      a3.intoArray(sums, to + 6 * PANEL);
      b3.intoArray(sums, to + 7 * PANEL);
      a4.intoArray(sums, to + 8 * PANEL);
      b4.intoArray(sums, to + 9 * PANEL);
      a5.intoArray(sums, to + 10 * PANEL);
      b5.intoArray(sums, to + 11 * PANEL);
      a6.intoArray(sums, to + 12 * PANEL);
      b6.intoArray(sums, to + 13 * PANEL);
      a7.intoArray(sums, to + 14 * PANEL);
      b7.intoArray(sums, to + 15 * PANEL);
      to += 16 * PANEL;
    }
  }

  /** Four tokens, for 16 registers or the rest of a group. */
  static void four(short[] w, int[] x, int x0, int groups, int pairs, short[] sums) {
    int k = 0;
    int to = 0;
    for (int g = 0; g < groups; g++) {
      ShortVector a0 = ShortVector.zero(SHORTS);
      ShortVector a1 = a0;
      ShortVector a2 = a0;
      ShortVector a3 = a0;
      ShortVector b0 = a0;
      ShortVector b1 = a0;
      ShortVector b2 = a0;
      ShortVector b3 = a0;
      for (int end = k + pairs; k < end; k += 2) {
        ShortVector u = ShortVector.fromArray(SHORTS, w, k * 2 * PANEL);
        ShortVector v = ShortVector.fromArray(SHORTS, w, k * 2 * PANEL + PANEL);
        int i = x0 + GROUP * k;
        ShortVector t = IntVector.broadcast(INTS, x[i]).reinterpretAsShorts();
        a0 = a0.add(u.mul(t));
        b0 = b0.add(v.mul(t));
        t = IntVector.broadcast(INTS, x[i + 1]).reinterpretAsShorts();
        a1 = a1.add(u.mul(t));
        b1 = b1.add(v.mul(t));
        t = IntVector.broadcast(INTS, x[i + 2]).reinterpretAsShorts();
        a2 = a2.add(u.mul(t));
        b2 = b2.add(v.mul(t));
        t = IntVector.broadcast(INTS, x[i + 3]).reinterpretAsShorts();
        a3 = a3.add(u.mul(t));
        b3 = b3.add(v.mul(t));
        u = ShortVector.fromArray(SHORTS, w, k * 2 * PANEL + 2 * PANEL);
        v = ShortVector.fromArray(SHORTS, w, k * 2 * PANEL + 3 * PANEL);
        t = IntVector.broadcast(INTS, x[i + GROUP]).reinterpretAsShorts();
        a0 = a0.add(u.mul(t));
        b0 = b0.add(v.mul(t));
        t = IntVector.broadcast(INTS, x[i + GROUP + 1]).reinterpretAsShorts();
        a1 = a1.add(u.mul(t));
        b1 = b1.add(v.mul(t));
        t = IntVector.broadcast(INTS, x[i + GROUP + 2]).reinterpretAsShorts();
        a2 = a2.add(u.mul(t));
        b2 = b2.add(v.mul(t));
        t = IntVector.broadcast(INTS, x[i + GROUP + 3]).reinterpretAsShorts();
        a3 = a3.add(u.mul(t));
        b3 = b3.add(v.mul(t));
      }
      a0.intoArray(sums, to);
      b0.intoArray(sums, to + PANEL);
      a1.intoArray(sums, to + 2 * PANEL);
      b1.intoArray(sums, to + 3 * PANEL);
      a2.intoArray(sums, to + 4 * PANEL);
      b2.intoArray(sums, to + 5 * PANEL);
      a3.intoArray(sums, to + 6 * PANEL);
      b3.intoArray(sums, to + 7 * PANEL);
      to += 8 * PANEL;
    }
  }

  /** Two tokens: one of a rest that is odd is nobody's. */
  static void two(short[] w, int[] x, int x0, int groups, int pairs, short[] sums) {
    int k = 0;
    int to = 0;
    for (int g = 0; g < groups; g++) {
      ShortVector a0 = ShortVector.zero(SHORTS);
      ShortVector a1 = a0;
      ShortVector b0 = a0;
      ShortVector b1 = a0;
      for (int end = k + pairs; k < end; k += 2) {
        ShortVector u = ShortVector.fromArray(SHORTS, w, k * 2 * PANEL);
        ShortVector v = ShortVector.fromArray(SHORTS, w, k * 2 * PANEL + PANEL);
        int i = x0 + GROUP * k;
        ShortVector t = IntVector.broadcast(INTS, x[i]).reinterpretAsShorts();
        a0 = a0.add(u.mul(t));
        b0 = b0.add(v.mul(t));
        t = IntVector.broadcast(INTS, x[i + 1]).reinterpretAsShorts();
        a1 = a1.add(u.mul(t));
        b1 = b1.add(v.mul(t));
        u = ShortVector.fromArray(SHORTS, w, k * 2 * PANEL + 2 * PANEL);
        v = ShortVector.fromArray(SHORTS, w, k * 2 * PANEL + 3 * PANEL);
        t = IntVector.broadcast(INTS, x[i + GROUP]).reinterpretAsShorts();
        a0 = a0.add(u.mul(t));
        b0 = b0.add(v.mul(t));
        t = IntVector.broadcast(INTS, x[i + GROUP + 1]).reinterpretAsShorts();
        a1 = a1.add(u.mul(t));
        b1 = b1.add(v.mul(t));
      }
      a0.intoArray(sums, to);
      b0.intoArray(sums, to + PANEL);
      a1.intoArray(sums, to + 2 * PANEL);
      b1.intoArray(sums, to + 3 * PANEL);
      to += 4 * PANEL;
    }
  }
}
