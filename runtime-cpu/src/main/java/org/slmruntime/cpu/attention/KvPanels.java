package org.slmruntime.cpu.attention;

import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * Rows of {@code x} times an unpacked panel, [k][2 vectors]: {@code out[q][lane] += sum over k of
 * x[q][k] * panel[k][lane]}, {@code k} ascending, bit for bit what {@link KvElements#multiply4}
 * gives.
 */
final class KvPanels {
  /** Eight rows need more than sixteen registers. */
  private static final boolean EIGHT = COUNT == 16;

  private KvPanels() {}

  /**
   * @param n how many {@code k}
   * @param rows of {@code x}, a multiple of four
   */
  static void multiply(
      float[] panel,
      int n,
      int rows,
      float[] x,
      int x0,
      int xStride,
      float[] out,
      int at,
      int outStride) {
    int q = 0;
    for (; EIGHT && q + 8 <= rows; q += 8) {
      multiply8(panel, n, x, x0 + q * xStride, xStride, out, at + q * outStride, outStride);
    }
    for (; q < rows; q += 4) {
      multiply4(panel, n, x, x0 + q * xStride, xStride, out, at + q * outStride, outStride);
    }
  }

  private static void multiply8(
      float[] panel, int n, float[] x, int x0, int xStride, float[] out, int at, int outStride) {
    int x1 = x0 + xStride;
    int x2 = x1 + xStride;
    int x3 = x2 + xStride;
    int x4 = x3 + xStride;
    int x5 = x4 + xStride;
    int x6 = x5 + xStride;
    int x7 = x6 + xStride;
    int at1 = at + outStride;
    int at2 = at1 + outStride;
    int at3 = at2 + outStride;
    int at4 = at3 + outStride;
    int at5 = at4 + outStride;
    int at6 = at5 + outStride;
    int at7 = at6 + outStride;
    FloatVector a00 = FloatVector.fromArray(FLOATS, out, at);
    FloatVector a01 = FloatVector.fromArray(FLOATS, out, at + COUNT);
    FloatVector a10 = FloatVector.fromArray(FLOATS, out, at1);
    FloatVector a11 = FloatVector.fromArray(FLOATS, out, at1 + COUNT);
    FloatVector a20 = FloatVector.fromArray(FLOATS, out, at2);
    FloatVector a21 = FloatVector.fromArray(FLOATS, out, at2 + COUNT);
    FloatVector a30 = FloatVector.fromArray(FLOATS, out, at3);
    FloatVector a31 = FloatVector.fromArray(FLOATS, out, at3 + COUNT);
    FloatVector a40 = FloatVector.fromArray(FLOATS, out, at4);
    FloatVector a41 = FloatVector.fromArray(FLOATS, out, at4 + COUNT);
    FloatVector a50 = FloatVector.fromArray(FLOATS, out, at5);
    FloatVector a51 = FloatVector.fromArray(FLOATS, out, at5 + COUNT);
    FloatVector a60 = FloatVector.fromArray(FLOATS, out, at6);
    FloatVector a61 = FloatVector.fromArray(FLOATS, out, at6 + COUNT);
    FloatVector a70 = FloatVector.fromArray(FLOATS, out, at7);
    FloatVector a71 = FloatVector.fromArray(FLOATS, out, at7 + COUNT);
    for (int k = 0; k < n; k++) {
      FloatVector v0 = FloatVector.fromArray(FLOATS, panel, 2 * COUNT * k);
      FloatVector v1 = FloatVector.fromArray(FLOATS, panel, 2 * COUNT * k + COUNT);
      FloatVector t = FloatVector.broadcast(FLOATS, x[x0 + k]);
      a00 = v0.fma(t, a00);
      a01 = v1.fma(t, a01);
      t = FloatVector.broadcast(FLOATS, x[x1 + k]);
      a10 = v0.fma(t, a10);
      a11 = v1.fma(t, a11);
      t = FloatVector.broadcast(FLOATS, x[x2 + k]);
      a20 = v0.fma(t, a20);
      a21 = v1.fma(t, a21);
      t = FloatVector.broadcast(FLOATS, x[x3 + k]);
      a30 = v0.fma(t, a30);
      a31 = v1.fma(t, a31);
      t = FloatVector.broadcast(FLOATS, x[x4 + k]);
      a40 = v0.fma(t, a40);
      a41 = v1.fma(t, a41);
      t = FloatVector.broadcast(FLOATS, x[x5 + k]);
      a50 = v0.fma(t, a50);
      a51 = v1.fma(t, a51);
      t = FloatVector.broadcast(FLOATS, x[x6 + k]);
      a60 = v0.fma(t, a60);
      a61 = v1.fma(t, a61);
      t = FloatVector.broadcast(FLOATS, x[x7 + k]);
      a70 = v0.fma(t, a70);
      a71 = v1.fma(t, a71);
    }
    a00.intoArray(out, at);
    a01.intoArray(out, at + COUNT);
    a10.intoArray(out, at1);
    a11.intoArray(out, at1 + COUNT);
    a20.intoArray(out, at2);
    a21.intoArray(out, at2 + COUNT);
    a30.intoArray(out, at3);
    a31.intoArray(out, at3 + COUNT);
    a40.intoArray(out, at4);
    a41.intoArray(out, at4 + COUNT);
    a50.intoArray(out, at5);
    a51.intoArray(out, at5 + COUNT);
    a60.intoArray(out, at6);
    a61.intoArray(out, at6 + COUNT);
    a70.intoArray(out, at7);
    a71.intoArray(out, at7 + COUNT);
  }

  private static void multiply4(
      float[] panel, int n, float[] x, int x0, int xStride, float[] out, int at, int outStride) {
    int x1 = x0 + xStride;
    int x2 = x1 + xStride;
    int x3 = x2 + xStride;
    int at1 = at + outStride;
    int at2 = at1 + outStride;
    int at3 = at2 + outStride;
    FloatVector a00 = FloatVector.fromArray(FLOATS, out, at);
    FloatVector a01 = FloatVector.fromArray(FLOATS, out, at + COUNT);
    FloatVector a10 = FloatVector.fromArray(FLOATS, out, at1);
    FloatVector a11 = FloatVector.fromArray(FLOATS, out, at1 + COUNT);
    FloatVector a20 = FloatVector.fromArray(FLOATS, out, at2);
    FloatVector a21 = FloatVector.fromArray(FLOATS, out, at2 + COUNT);
    FloatVector a30 = FloatVector.fromArray(FLOATS, out, at3);
    FloatVector a31 = FloatVector.fromArray(FLOATS, out, at3 + COUNT);
    for (int k = 0; k < n; k++) {
      FloatVector v0 = FloatVector.fromArray(FLOATS, panel, 2 * COUNT * k);
      FloatVector v1 = FloatVector.fromArray(FLOATS, panel, 2 * COUNT * k + COUNT);
      FloatVector t = FloatVector.broadcast(FLOATS, x[x0 + k]);
      a00 = v0.fma(t, a00);
      a01 = v1.fma(t, a01);
      t = FloatVector.broadcast(FLOATS, x[x1 + k]);
      a10 = v0.fma(t, a10);
      a11 = v1.fma(t, a11);
      t = FloatVector.broadcast(FLOATS, x[x2 + k]);
      a20 = v0.fma(t, a20);
      a21 = v1.fma(t, a21);
      t = FloatVector.broadcast(FLOATS, x[x3 + k]);
      a30 = v0.fma(t, a30);
      a31 = v1.fma(t, a31);
    }
    a00.intoArray(out, at);
    a01.intoArray(out, at + COUNT);
    a10.intoArray(out, at1);
    a11.intoArray(out, at1 + COUNT);
    a20.intoArray(out, at2);
    a21.intoArray(out, at2 + COUNT);
    a30.intoArray(out, at3);
    a31.intoArray(out, at3 + COUNT);
  }
}
