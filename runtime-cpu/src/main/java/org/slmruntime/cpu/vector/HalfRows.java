package org.slmruntime.cpu.vector;

import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.FLOATS;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * F16 rows, widened two neighbours at a time, then multiplied. The Vector API does not widen
 * halves, but C2 does so in plain loops, which takes a third of the time of widening them with
 * integers.
 */
record HalfRows() implements RowProduct {
  @Override
  public void multiply(
      MemorySegment source,
      long offset,
      long rowBytes,
      int rows,
      float[] x,
      int n,
      float[] out,
      int at,
      RowScratch scratch) {
    float[] weights = scratch.weights;
    float[] lanes = scratch.lanes;
    for (int r = 0; r < rows; r += 2) {
      int other = Math.min(r + 1, rows - 1);
      for (int i = 0; i < 2; i++) {
        long from = offset + (i == 0 ? r : other) * rowBytes;
        RowDecoders.f16(source, from, weights, i * n, n, scratch);
      }
      dot(weights, x, n, lanes);
      Lanes.sums(lanes, 0, 1, out, at + r);
      Lanes.sums(lanes, COUNT, 1, out, at + other);
    }
  }

  private static void dot(float[] weights, float[] x, int n, float[] lanes) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = a0;
    for (int c = 0; c < n; c += COUNT) {
      FloatVector t = FloatVector.fromArray(FLOATS, x, c);
      a0 = FloatVector.fromArray(FLOATS, weights, c).fma(t, a0);
      a1 = FloatVector.fromArray(FLOATS, weights, n + c).fma(t, a1);
    }
    a0.intoArray(lanes, 0);
    a1.intoArray(lanes, COUNT);
  }
}
