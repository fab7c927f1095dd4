package org.slmruntime.cpu.gemm;

import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * Products of a few rows and a panel, whose sums stay in registers. Of 32 registers of 512 bits 16
 * hold sums, of 16 smaller ones 8.
 */
final class GemmTiles {
  /** Columns of a panel. */
  static final int PANEL = 2 * COUNT;

  /** Rows of a tile. */
  static final int ROWS = COUNT >= 16 ? 8 : 4;

  private GemmTiles() {}

  /** Copies {@code depth} rows of a panel's width, {@code stride} apart. */
  static void pack(float[] b, int at, int stride, int depth, float[] panel) {
    int from = at;
    for (int i = 0; i < depth; i++) {
      FloatVector l = FloatVector.fromArray(FLOATS, b, from);
      FloatVector u = FloatVector.fromArray(FLOATS, b, from + COUNT);
      l.intoArray(panel, i * PANEL);
      u.intoArray(panel, i * PANEL + COUNT);
      from += stride;
    }
  }

  /**
   * {@code C += A B}.
   *
   * @param a {@link #ROWS} rows from {@code at}, {@code stride} apart, of elements {@code step}
   *     apart
   * @param panel [depth][{@link #PANEL}]
   * @param c as many rows from {@code to}, {@code columns} apart
   */
  static void multiply(
      float[] a,
      int at,
      int stride,
      int step,
      float[] panel,
      int depth,
      float[] c,
      int to,
      int columns) {
    if (ROWS == 8) {
      eight(a, at, stride, step, panel, depth, c, to, columns);
    } else {
      four(a, at, stride, step, panel, depth, c, to, columns);
    }
  }

  /** Eight rows by two vectors. */
  private static void eight(
      float[] a,
      int at,
      int stride,
      int step,
      float[] panel,
      int depth,
      float[] c,
      int to,
      int columns) {
    FloatVector l0 = FloatVector.fromArray(FLOATS, c, to);
    FloatVector u0 = FloatVector.fromArray(FLOATS, c, to + COUNT);
    FloatVector l1 = FloatVector.fromArray(FLOATS, c, to + 1 * columns);
    FloatVector u1 = FloatVector.fromArray(FLOATS, c, to + 1 * columns + COUNT);
    FloatVector l2 = FloatVector.fromArray(FLOATS, c, to + 2 * columns);
    FloatVector u2 = FloatVector.fromArray(FLOATS, c, to + 2 * columns + COUNT);
    FloatVector l3 = FloatVector.fromArray(FLOATS, c, to + 3 * columns);
    FloatVector u3 = FloatVector.fromArray(FLOATS, c, to + 3 * columns + COUNT);
    FloatVector l4 = FloatVector.fromArray(FLOATS, c, to + 4 * columns);
    FloatVector u4 = FloatVector.fromArray(FLOATS, c, to + 4 * columns + COUNT);
    FloatVector l5 = FloatVector.fromArray(FLOATS, c, to + 5 * columns);
    FloatVector u5 = FloatVector.fromArray(FLOATS, c, to + 5 * columns + COUNT);
    FloatVector l6 = FloatVector.fromArray(FLOATS, c, to + 6 * columns);
    FloatVector u6 = FloatVector.fromArray(FLOATS, c, to + 6 * columns + COUNT);
    FloatVector l7 = FloatVector.fromArray(FLOATS, c, to + 7 * columns);
    FloatVector u7 = FloatVector.fromArray(FLOATS, c, to + 7 * columns + COUNT);
    int x = at;
    for (int i = 0; i < depth; i++) {
      FloatVector l = FloatVector.fromArray(FLOATS, panel, i * PANEL);
      FloatVector u = FloatVector.fromArray(FLOATS, panel, i * PANEL + COUNT);
      FloatVector x0 = FloatVector.broadcast(FLOATS, a[x]);
      l0 = x0.fma(l, l0);
      u0 = x0.fma(u, u0);
      FloatVector x1 = FloatVector.broadcast(FLOATS, a[x + 1 * stride]);
      l1 = x1.fma(l, l1);
      u1 = x1.fma(u, u1);
      FloatVector x2 = FloatVector.broadcast(FLOATS, a[x + 2 * stride]);
      l2 = x2.fma(l, l2);
      u2 = x2.fma(u, u2);
      FloatVector x3 = FloatVector.broadcast(FLOATS, a[x + 3 * stride]);
      l3 = x3.fma(l, l3);
      u3 = x3.fma(u, u3);
      FloatVector x4 = FloatVector.broadcast(FLOATS, a[x + 4 * stride]);
      l4 = x4.fma(l, l4);
      u4 = x4.fma(u, u4);
      FloatVector x5 = FloatVector.broadcast(FLOATS, a[x + 5 * stride]);
      l5 = x5.fma(l, l5);
      u5 = x5.fma(u, u5);
      FloatVector x6 = FloatVector.broadcast(FLOATS, a[x + 6 * stride]);
      l6 = x6.fma(l, l6);
      u6 = x6.fma(u, u6);
      FloatVector x7 = FloatVector.broadcast(FLOATS, a[x + 7 * stride]);
      l7 = x7.fma(l, l7);
      u7 = x7.fma(u, u7);
      x += step;
    }
    l0.intoArray(c, to);
    u0.intoArray(c, to + COUNT);
    l1.intoArray(c, to + 1 * columns);
    u1.intoArray(c, to + 1 * columns + COUNT);
    l2.intoArray(c, to + 2 * columns);
    u2.intoArray(c, to + 2 * columns + COUNT);
    l3.intoArray(c, to + 3 * columns);
    u3.intoArray(c, to + 3 * columns + COUNT);
    l4.intoArray(c, to + 4 * columns);
    u4.intoArray(c, to + 4 * columns + COUNT);
    l5.intoArray(c, to + 5 * columns);
    u5.intoArray(c, to + 5 * columns + COUNT);
    l6.intoArray(c, to + 6 * columns);
    u6.intoArray(c, to + 6 * columns + COUNT);
    l7.intoArray(c, to + 7 * columns);
    u7.intoArray(c, to + 7 * columns + COUNT);
  }

  /** Four rows by two vectors. */
  private static void four(
      float[] a,
      int at,
      int stride,
      int step,
      float[] panel,
      int depth,
      float[] c,
      int to,
      int columns) {
    FloatVector l0 = FloatVector.fromArray(FLOATS, c, to);
    FloatVector u0 = FloatVector.fromArray(FLOATS, c, to + COUNT);
    FloatVector l1 = FloatVector.fromArray(FLOATS, c, to + 1 * columns);
    FloatVector u1 = FloatVector.fromArray(FLOATS, c, to + 1 * columns + COUNT);
    FloatVector l2 = FloatVector.fromArray(FLOATS, c, to + 2 * columns);
    FloatVector u2 = FloatVector.fromArray(FLOATS, c, to + 2 * columns + COUNT);
    FloatVector l3 = FloatVector.fromArray(FLOATS, c, to + 3 * columns);
    FloatVector u3 = FloatVector.fromArray(FLOATS, c, to + 3 * columns + COUNT);
    int x = at;
    for (int i = 0; i < depth; i++) {
      FloatVector l = FloatVector.fromArray(FLOATS, panel, i * PANEL);
      FloatVector u = FloatVector.fromArray(FLOATS, panel, i * PANEL + COUNT);
      FloatVector x0 = FloatVector.broadcast(FLOATS, a[x]);
      l0 = x0.fma(l, l0);
      u0 = x0.fma(u, u0);
      FloatVector x1 = FloatVector.broadcast(FLOATS, a[x + 1 * stride]);
      l1 = x1.fma(l, l1);
      u1 = x1.fma(u, u1);
      FloatVector x2 = FloatVector.broadcast(FLOATS, a[x + 2 * stride]);
      l2 = x2.fma(l, l2);
      u2 = x2.fma(u, u2);
      FloatVector x3 = FloatVector.broadcast(FLOATS, a[x + 3 * stride]);
      l3 = x3.fma(l, l3);
      u3 = x3.fma(u, u3);
      x += step;
    }
    l0.intoArray(c, to);
    u0.intoArray(c, to + COUNT);
    l1.intoArray(c, to + 1 * columns);
    u1.intoArray(c, to + 1 * columns + COUNT);
    l2.intoArray(c, to + 2 * columns);
    u2.intoArray(c, to + 2 * columns + COUNT);
    l3.intoArray(c, to + 3 * columns);
    u3.intoArray(c, to + 3 * columns + COUNT);
  }
}
