package org.slmruntime.cpu.vector;

import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;

/** {@link TileDot} for rows that were decoded to float32 first. */
public final class DecodedTile {
  private DecodedTile() {}

  /**
   * The same as {@link TileDot#lanes}.
   *
   * @param w four rows of {@code n} floats
   */
  public static void lanes(
      float[] w, float[] x, int x0, int x1, int x2, int x3, int n, float[] sums, int at) {
    FloatVector a00 = FloatVector.fromArray(FLOATS, sums, at);
    FloatVector a01 = FloatVector.fromArray(FLOATS, sums, at + 4 * COUNT);
    FloatVector a02 = FloatVector.fromArray(FLOATS, sums, at + 8 * COUNT);
    FloatVector a03 = FloatVector.fromArray(FLOATS, sums, at + 12 * COUNT);
    FloatVector a10 = FloatVector.fromArray(FLOATS, sums, at + COUNT);
    FloatVector a11 = FloatVector.fromArray(FLOATS, sums, at + 5 * COUNT);
    FloatVector a12 = FloatVector.fromArray(FLOATS, sums, at + 9 * COUNT);
    FloatVector a13 = FloatVector.fromArray(FLOATS, sums, at + 13 * COUNT);
    FloatVector a20 = FloatVector.fromArray(FLOATS, sums, at + 2 * COUNT);
    FloatVector a21 = FloatVector.fromArray(FLOATS, sums, at + 6 * COUNT);
    FloatVector a22 = FloatVector.fromArray(FLOATS, sums, at + 10 * COUNT);
    FloatVector a23 = FloatVector.fromArray(FLOATS, sums, at + 14 * COUNT);
    FloatVector a30 = FloatVector.fromArray(FLOATS, sums, at + 3 * COUNT);
    FloatVector a31 = FloatVector.fromArray(FLOATS, sums, at + 7 * COUNT);
    FloatVector a32 = FloatVector.fromArray(FLOATS, sums, at + 11 * COUNT);
    FloatVector a33 = FloatVector.fromArray(FLOATS, sums, at + 15 * COUNT);
    for (int c = 0; c < n; c += COUNT) {
      FloatVector w0 = FloatVector.fromArray(FLOATS, w, c);
      FloatVector w1 = FloatVector.fromArray(FLOATS, w, n + c);
      FloatVector w2 = FloatVector.fromArray(FLOATS, w, 2 * n + c);
      FloatVector w3 = FloatVector.fromArray(FLOATS, w, 3 * n + c);
      FloatVector t = FloatVector.fromArray(FLOATS, x, x0 + c);
      a00 = w0.fma(t, a00);
      a10 = w1.fma(t, a10);
      a20 = w2.fma(t, a20);
      a30 = w3.fma(t, a30);
      t = FloatVector.fromArray(FLOATS, x, x1 + c);
      a01 = w0.fma(t, a01);
      a11 = w1.fma(t, a11);
      a21 = w2.fma(t, a21);
      a31 = w3.fma(t, a31);
      t = FloatVector.fromArray(FLOATS, x, x2 + c);
      a02 = w0.fma(t, a02);
      a12 = w1.fma(t, a12);
      a22 = w2.fma(t, a22);
      a32 = w3.fma(t, a32);
      t = FloatVector.fromArray(FLOATS, x, x3 + c);
      a03 = w0.fma(t, a03);
      a13 = w1.fma(t, a13);
      a23 = w2.fma(t, a23);
      a33 = w3.fma(t, a33);
    }
    a00.intoArray(sums, at);
    a10.intoArray(sums, at + COUNT);
    a20.intoArray(sums, at + 2 * COUNT);
    a30.intoArray(sums, at + 3 * COUNT);
    a01.intoArray(sums, at + 4 * COUNT);
    a11.intoArray(sums, at + 5 * COUNT);
    a21.intoArray(sums, at + 6 * COUNT);
    a31.intoArray(sums, at + 7 * COUNT);
    a02.intoArray(sums, at + 8 * COUNT);
    a12.intoArray(sums, at + 9 * COUNT);
    a22.intoArray(sums, at + 10 * COUNT);
    a32.intoArray(sums, at + 11 * COUNT);
    a03.intoArray(sums, at + 12 * COUNT);
    a13.intoArray(sums, at + 13 * COUNT);
    a23.intoArray(sums, at + 14 * COUNT);
    a33.intoArray(sums, at + 15 * COUNT);
  }
}
