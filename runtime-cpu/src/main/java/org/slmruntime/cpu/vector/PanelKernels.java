package org.slmruntime.cpu.vector;

import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * A panel of rows times several tokens, with rows as the lanes. Adds to sums that are [tokens][
 * {@link #ROWS}]; {@code w} from {@code w0} is [count][ROWS], and {@code x} from {@code x0} has
 * {@code count} elements of each token, {@code stride} apart.
 */
public final class PanelKernels {
  /** Rows of a panel. */
  public static final int ROWS = 2 * COUNT;

  /** Tokens at a time: their sums fill the registers, of which narrow vectors have half as many. */
  public static final int TOKENS = COUNT == 16 ? 8 : 6;

  private PanelKernels() {}

  /** {@link #TOKENS} tokens. */
  public static void multiply(
      float[] w, int w0, float[] x, int x0, int stride, int count, float[] sums, int s0) {
    if (TOKENS == 8) {
      tokens8(w, w0, x, x0, stride, count, sums, s0);
    } else {
      tokens6(w, w0, x, x0, stride, count, sums, s0);
    }
  }

  /**
   * Adds up the sums of the lanes in the order of {@link LaneBlocks#sums}, into the first lane's.
   *
   * @param stride from one lane's sums to the next's, a multiple of {@link #ROWS}
   */
  public static void addLanes(float[] sums, int at, int stride) {
    switch (COUNT) {
      case 16 -> add16(sums, at, stride);
      case 8 -> add8(sums, at, stride);
      default -> add4(sums, at, stride);
    }
  }

  private static void add16(float[] sums, int at, int stride) {
    for (int i = at; i < at + stride; i += COUNT) {
      FloatVector v0 = FloatVector.fromArray(FLOATS, sums, i);
      FloatVector v1 = FloatVector.fromArray(FLOATS, sums, i + stride);
      FloatVector v2 = FloatVector.fromArray(FLOATS, sums, i + 2 * stride);
      FloatVector v3 = FloatVector.fromArray(FLOATS, sums, i + 3 * stride);
      FloatVector v4 = FloatVector.fromArray(FLOATS, sums, i + 4 * stride);
      FloatVector v5 = FloatVector.fromArray(FLOATS, sums, i + 5 * stride);
      FloatVector v6 = FloatVector.fromArray(FLOATS, sums, i + 6 * stride);
      FloatVector v7 = FloatVector.fromArray(FLOATS, sums, i + 7 * stride);
      FloatVector v8 = FloatVector.fromArray(FLOATS, sums, i + 8 * stride);
      FloatVector v9 = FloatVector.fromArray(FLOATS, sums, i + 9 * stride);
      FloatVector v10 = FloatVector.fromArray(FLOATS, sums, i + 10 * stride);
      FloatVector v11 = FloatVector.fromArray(FLOATS, sums, i + 11 * stride);
      FloatVector v12 = FloatVector.fromArray(FLOATS, sums, i + 12 * stride);
      FloatVector v13 = FloatVector.fromArray(FLOATS, sums, i + 13 * stride);
      FloatVector v14 = FloatVector.fromArray(FLOATS, sums, i + 14 * stride);
      FloatVector v15 = FloatVector.fromArray(FLOATS, sums, i + 15 * stride);
      v0 = v0.add(v8);
      v1 = v1.add(v9);
      v2 = v2.add(v10);
      v3 = v3.add(v11);
      v4 = v4.add(v12);
      v5 = v5.add(v13);
      v6 = v6.add(v14);
      v7 = v7.add(v15);
      v0 = v0.add(v4);
      v1 = v1.add(v5);
      v2 = v2.add(v6);
      v3 = v3.add(v7);
      v0 = v0.add(v2);
      v1 = v1.add(v3);
      v0 = v0.add(v1);
      v0.intoArray(sums, i);
    }
  }

  private static void add8(float[] sums, int at, int stride) {
    for (int i = at; i < at + stride; i += COUNT) {
      FloatVector v0 = FloatVector.fromArray(FLOATS, sums, i);
      FloatVector v1 = FloatVector.fromArray(FLOATS, sums, i + stride);
      FloatVector v2 = FloatVector.fromArray(FLOATS, sums, i + 2 * stride);
      FloatVector v3 = FloatVector.fromArray(FLOATS, sums, i + 3 * stride);
      FloatVector v4 = FloatVector.fromArray(FLOATS, sums, i + 4 * stride);
      FloatVector v5 = FloatVector.fromArray(FLOATS, sums, i + 5 * stride);
      FloatVector v6 = FloatVector.fromArray(FLOATS, sums, i + 6 * stride);
      FloatVector v7 = FloatVector.fromArray(FLOATS, sums, i + 7 * stride);
      v0 = v0.add(v4);
      v1 = v1.add(v5);
      v2 = v2.add(v6);
      v3 = v3.add(v7);
      v0 = v0.add(v2);
      v1 = v1.add(v3);
      v0 = v0.add(v1);
      v0.intoArray(sums, i);
    }
  }

  private static void add4(float[] sums, int at, int stride) {
    for (int i = at; i < at + stride; i += COUNT) {
      FloatVector v0 = FloatVector.fromArray(FLOATS, sums, i);
      FloatVector v1 = FloatVector.fromArray(FLOATS, sums, i + stride);
      FloatVector v2 = FloatVector.fromArray(FLOATS, sums, i + 2 * stride);
      FloatVector v3 = FloatVector.fromArray(FLOATS, sums, i + 3 * stride);
      v0 = v0.add(v2);
      v1 = v1.add(v3);
      v0 = v0.add(v1);
      v0.intoArray(sums, i);
    }
  }

  private static void tokens8(
      float[] w, int w0, float[] x, int x0, int stride, int count, float[] sums, int s0) {
    FloatVector a0 = FloatVector.fromArray(FLOATS, sums, s0);
    FloatVector b0 = FloatVector.fromArray(FLOATS, sums, s0 + 1 * COUNT);
    FloatVector a1 = FloatVector.fromArray(FLOATS, sums, s0 + 2 * COUNT);
    FloatVector b1 = FloatVector.fromArray(FLOATS, sums, s0 + 3 * COUNT);
    FloatVector a2 = FloatVector.fromArray(FLOATS, sums, s0 + 4 * COUNT);
    FloatVector b2 = FloatVector.fromArray(FLOATS, sums, s0 + 5 * COUNT);
    FloatVector a3 = FloatVector.fromArray(FLOATS, sums, s0 + 6 * COUNT);
    FloatVector b3 = FloatVector.fromArray(FLOATS, sums, s0 + 7 * COUNT);
    FloatVector a4 = FloatVector.fromArray(FLOATS, sums, s0 + 8 * COUNT);
    FloatVector b4 = FloatVector.fromArray(FLOATS, sums, s0 + 9 * COUNT);
    FloatVector a5 = FloatVector.fromArray(FLOATS, sums, s0 + 10 * COUNT);
    FloatVector b5 = FloatVector.fromArray(FLOATS, sums, s0 + 11 * COUNT);
    FloatVector a6 = FloatVector.fromArray(FLOATS, sums, s0 + 12 * COUNT);
    FloatVector b6 = FloatVector.fromArray(FLOATS, sums, s0 + 13 * COUNT);
    FloatVector a7 = FloatVector.fromArray(FLOATS, sums, s0 + 14 * COUNT);
    FloatVector b7 = FloatVector.fromArray(FLOATS, sums, s0 + 15 * COUNT);
    int x1 = x0 + stride;
    int x2 = x1 + stride;
    int x3 = x2 + stride;
    int x4 = x3 + stride;
    int x5 = x4 + stride;
    int x6 = x5 + stride;
    int x7 = x6 + stride;
    for (int j = 0; j < count; j++) {
      int r = w0 + j * 2 * COUNT;
      FloatVector p = FloatVector.fromArray(FLOATS, w, r);
      FloatVector q = FloatVector.fromArray(FLOATS, w, r + COUNT);
      FloatVector t = FloatVector.broadcast(FLOATS, x[x0 + j]);
      a0 = p.fma(t, a0);
      b0 = q.fma(t, b0);
      t = FloatVector.broadcast(FLOATS, x[x1 + j]);
      a1 = p.fma(t, a1);
      b1 = q.fma(t, b1);
      t = FloatVector.broadcast(FLOATS, x[x2 + j]);
      a2 = p.fma(t, a2);
      b2 = q.fma(t, b2);
      t = FloatVector.broadcast(FLOATS, x[x3 + j]);
      a3 = p.fma(t, a3);
      b3 = q.fma(t, b3);
      t = FloatVector.broadcast(FLOATS, x[x4 + j]);
      a4 = p.fma(t, a4);
      b4 = q.fma(t, b4);
      t = FloatVector.broadcast(FLOATS, x[x5 + j]);
      a5 = p.fma(t, a5);
      b5 = q.fma(t, b5);
      t = FloatVector.broadcast(FLOATS, x[x6 + j]);
      a6 = p.fma(t, a6);
      b6 = q.fma(t, b6);
      t = FloatVector.broadcast(FLOATS, x[x7 + j]);
      a7 = p.fma(t, a7);
      b7 = q.fma(t, b7);
    }
    a0.intoArray(sums, s0);
    b0.intoArray(sums, s0 + 1 * COUNT);
    a1.intoArray(sums, s0 + 2 * COUNT);
    b1.intoArray(sums, s0 + 3 * COUNT);
    a2.intoArray(sums, s0 + 4 * COUNT);
    b2.intoArray(sums, s0 + 5 * COUNT);
    a3.intoArray(sums, s0 + 6 * COUNT);
    b3.intoArray(sums, s0 + 7 * COUNT);
    a4.intoArray(sums, s0 + 8 * COUNT);
    b4.intoArray(sums, s0 + 9 * COUNT);
    a5.intoArray(sums, s0 + 10 * COUNT);
    b5.intoArray(sums, s0 + 11 * COUNT);
    a6.intoArray(sums, s0 + 12 * COUNT);
    b6.intoArray(sums, s0 + 13 * COUNT);
    a7.intoArray(sums, s0 + 14 * COUNT);
    b7.intoArray(sums, s0 + 15 * COUNT);
  }

  private static void tokens6(
      float[] w, int w0, float[] x, int x0, int stride, int count, float[] sums, int s0) {
    FloatVector a0 = FloatVector.fromArray(FLOATS, sums, s0);
    FloatVector b0 = FloatVector.fromArray(FLOATS, sums, s0 + COUNT);
    FloatVector a1 = FloatVector.fromArray(FLOATS, sums, s0 + 2 * COUNT);
    FloatVector b1 = FloatVector.fromArray(FLOATS, sums, s0 + 3 * COUNT);
    FloatVector a2 = FloatVector.fromArray(FLOATS, sums, s0 + 4 * COUNT);
    FloatVector b2 = FloatVector.fromArray(FLOATS, sums, s0 + 5 * COUNT);
    FloatVector a3 = FloatVector.fromArray(FLOATS, sums, s0 + 6 * COUNT);
    FloatVector b3 = FloatVector.fromArray(FLOATS, sums, s0 + 7 * COUNT);
    FloatVector a4 = FloatVector.fromArray(FLOATS, sums, s0 + 8 * COUNT);
    FloatVector b4 = FloatVector.fromArray(FLOATS, sums, s0 + 9 * COUNT);
    FloatVector a5 = FloatVector.fromArray(FLOATS, sums, s0 + 10 * COUNT);
    FloatVector b5 = FloatVector.fromArray(FLOATS, sums, s0 + 11 * COUNT);
    int x1 = x0 + stride;
    int x2 = x1 + stride;
    int x3 = x2 + stride;
    int x4 = x3 + stride;
    int x5 = x4 + stride;
    for (int j = 0; j < count; j++) {
      int r = w0 + j * 2 * COUNT;
      FloatVector p = FloatVector.fromArray(FLOATS, w, r);
      FloatVector q = FloatVector.fromArray(FLOATS, w, r + COUNT);
      FloatVector t = FloatVector.broadcast(FLOATS, x[x0 + j]);
      a0 = p.fma(t, a0);
      b0 = q.fma(t, b0);
      t = FloatVector.broadcast(FLOATS, x[x1 + j]);
      a1 = p.fma(t, a1);
      b1 = q.fma(t, b1);
      t = FloatVector.broadcast(FLOATS, x[x2 + j]);
      a2 = p.fma(t, a2);
      b2 = q.fma(t, b2);
      t = FloatVector.broadcast(FLOATS, x[x3 + j]);
      a3 = p.fma(t, a3);
      b3 = q.fma(t, b3);
      t = FloatVector.broadcast(FLOATS, x[x4 + j]);
      a4 = p.fma(t, a4);
      b4 = q.fma(t, b4);
      t = FloatVector.broadcast(FLOATS, x[x5 + j]);
      a5 = p.fma(t, a5);
      b5 = q.fma(t, b5);
    }
    a0.intoArray(sums, s0);
    b0.intoArray(sums, s0 + COUNT);
    a1.intoArray(sums, s0 + 2 * COUNT);
    b1.intoArray(sums, s0 + 3 * COUNT);
    a2.intoArray(sums, s0 + 4 * COUNT);
    b2.intoArray(sums, s0 + 5 * COUNT);
    a3.intoArray(sums, s0 + 6 * COUNT);
    b3.intoArray(sums, s0 + 7 * COUNT);
    a4.intoArray(sums, s0 + 8 * COUNT);
    b4.intoArray(sums, s0 + 9 * COUNT);
    a5.intoArray(sums, s0 + 10 * COUNT);
    b5.intoArray(sums, s0 + 11 * COUNT);
  }
}
