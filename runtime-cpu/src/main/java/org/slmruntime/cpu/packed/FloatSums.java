package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.BLOCK;
import static org.slmruntime.cpu.packed.Panels.COUNT;
import static org.slmruntime.cpu.packed.Panels.FLOATS;
import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.packed.TokenGroups.GROUP;

import jdk.incubator.vector.FloatVector;

/**
 * Products of a chunk's codes of 8 bits with those of tokens, summed over blocks of columns. All
 * are integers below 2^24 and so exact in float32. A method for each number of tokens, since their
 * sums are in registers.
 *
 * <p>Parameters of all: {@code w} codes [column][row], {@code x} the tokens' codes from {@code x0}
 * on, as {@link TokenGroups} has them, {@code sums} [block][token][row].
 */
final class FloatSums {
  private FloatSums() {}

  /** Eight tokens, for 32 registers; {@link TokenGroups#GROUP} is then eight. */
  static void eight(float[] w, float[] x, int x0, int blocks, float[] sums) {
    int k = 0;
    int to = 0;
    for (int block = 0; block < blocks; block++) {
      FloatVector a0 = FloatVector.zero(FLOATS);
      FloatVector a1 = a0;
      FloatVector a2 = a0;
      FloatVector a3 = a0;
      FloatVector a4 = a0;
      FloatVector a5 = a0;
      FloatVector a6 = a0;
      FloatVector a7 = a0;
      FloatVector b0 = a0;
      FloatVector b1 = a0;
      FloatVector b2 = a0;
      FloatVector b3 = a0;
      FloatVector b4 = a0;
      FloatVector b5 = a0;
      FloatVector b6 = a0;
      FloatVector b7 = a0;
      for (int end = k + BLOCK; k < end; k++) {
        FloatVector u = FloatVector.fromArray(FLOATS, w, k * PANEL);
        FloatVector v = FloatVector.fromArray(FLOATS, w, k * PANEL + COUNT);
        int i = x0 + 8 * k;
        FloatVector t = FloatVector.broadcast(FLOATS, x[i]);
        a0 = u.fma(t, a0);
        b0 = v.fma(t, b0);
        t = FloatVector.broadcast(FLOATS, x[i + 1]);
        a1 = u.fma(t, a1);
        b1 = v.fma(t, b1);
        t = FloatVector.broadcast(FLOATS, x[i + 2]);
        a2 = u.fma(t, a2);
        b2 = v.fma(t, b2);
        t = FloatVector.broadcast(FLOATS, x[i + 3]);
        a3 = u.fma(t, a3);
        b3 = v.fma(t, b3);
        t = FloatVector.broadcast(FLOATS, x[i + 4]);
        a4 = u.fma(t, a4);
        b4 = v.fma(t, b4);
        t = FloatVector.broadcast(FLOATS, x[i + 5]);
        a5 = u.fma(t, a5);
        b5 = v.fma(t, b5);
        t = FloatVector.broadcast(FLOATS, x[i + 6]);
        a6 = u.fma(t, a6);
        b6 = v.fma(t, b6);
        t = FloatVector.broadcast(FLOATS, x[i + 7]);
        a7 = u.fma(t, a7);
        b7 = v.fma(t, b7);
      }
      a0.intoArray(sums, to);
      b0.intoArray(sums, to + COUNT);
      a1.intoArray(sums, to + 2 * COUNT);
      b1.intoArray(sums, to + 3 * COUNT);
      a2.intoArray(sums, to + 4 * COUNT);
      b2.intoArray(sums, to + 5 * COUNT);
      a3.intoArray(sums, to + 6 * COUNT);
      b3.intoArray(sums, to + 7 * COUNT);
      a4.intoArray(sums, to + 8 * COUNT);
      b4.intoArray(sums, to + 9 * COUNT);
      a5.intoArray(sums, to + 10 * COUNT);
      b5.intoArray(sums, to + 11 * COUNT);
      a6.intoArray(sums, to + 12 * COUNT);
      b6.intoArray(sums, to + 13 * COUNT);
      a7.intoArray(sums, to + 14 * COUNT);
      b7.intoArray(sums, to + 15 * COUNT);
      to += 16 * COUNT;
    }
  }

  /** Four tokens, for 16 registers or the rest of a group. */
  static void four(float[] w, float[] x, int x0, int blocks, float[] sums) {
    int k = 0;
    int to = 0;
    for (int block = 0; block < blocks; block++) {
      FloatVector a0 = FloatVector.zero(FLOATS);
      FloatVector a1 = a0;
      FloatVector a2 = a0;
      FloatVector a3 = a0;
      FloatVector b0 = a0;
      FloatVector b1 = a0;
      FloatVector b2 = a0;
      FloatVector b3 = a0;
      for (int end = k + BLOCK; k < end; k++) {
        FloatVector u = FloatVector.fromArray(FLOATS, w, k * PANEL);
        FloatVector v = FloatVector.fromArray(FLOATS, w, k * PANEL + COUNT);
        int i = x0 + GROUP * k;
        FloatVector t = FloatVector.broadcast(FLOATS, x[i]);
        a0 = u.fma(t, a0);
        b0 = v.fma(t, b0);
        t = FloatVector.broadcast(FLOATS, x[i + 1]);
        a1 = u.fma(t, a1);
        b1 = v.fma(t, b1);
        t = FloatVector.broadcast(FLOATS, x[i + 2]);
        a2 = u.fma(t, a2);
        b2 = v.fma(t, b2);
        t = FloatVector.broadcast(FLOATS, x[i + 3]);
        a3 = u.fma(t, a3);
        b3 = v.fma(t, b3);
      }
      a0.intoArray(sums, to);
      b0.intoArray(sums, to + COUNT);
      a1.intoArray(sums, to + 2 * COUNT);
      b1.intoArray(sums, to + 3 * COUNT);
      a2.intoArray(sums, to + 4 * COUNT);
      b2.intoArray(sums, to + 5 * COUNT);
      a3.intoArray(sums, to + 6 * COUNT);
      b3.intoArray(sums, to + 7 * COUNT);
      to += 8 * COUNT;
    }
  }

  /** Two tokens: one of a rest that is odd is nobody's. */
  static void two(float[] w, float[] x, int x0, int blocks, float[] sums) {
    int k = 0;
    int to = 0;
    for (int block = 0; block < blocks; block++) {
      FloatVector a0 = FloatVector.zero(FLOATS);
      FloatVector a1 = a0;
      FloatVector b0 = a0;
      FloatVector b1 = a0;
      for (int end = k + BLOCK; k < end; k++) {
        FloatVector u = FloatVector.fromArray(FLOATS, w, k * PANEL);
        FloatVector v = FloatVector.fromArray(FLOATS, w, k * PANEL + COUNT);
        int i = x0 + GROUP * k;
        FloatVector t = FloatVector.broadcast(FLOATS, x[i]);
        a0 = u.fma(t, a0);
        b0 = v.fma(t, b0);
        t = FloatVector.broadcast(FLOATS, x[i + 1]);
        a1 = u.fma(t, a1);
        b1 = v.fma(t, b1);
      }
      a0.intoArray(sums, to);
      b0.intoArray(sums, to + COUNT);
      a1.intoArray(sums, to + 2 * COUNT);
      b1.intoArray(sums, to + 3 * COUNT);
      to += 4 * COUNT;
    }
  }
}
