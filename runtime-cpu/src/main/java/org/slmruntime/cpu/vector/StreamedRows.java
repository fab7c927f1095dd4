package org.slmruntime.cpu.vector;

import java.lang.foreign.MemorySegment;

/**
 * Rows multiplied as they are read. The two rows of a pair come from the two halves of the range,
 * so that memory is read as two long streams: two rows that lie next to each other would be two
 * short ones, which the hardware begins to prefetch when they are nearly over.
 */
record StreamedRows(RowDot dot) implements RowProduct {
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
    float[] lanes = scratch.lanes;
    int half = Math.ceilDiv(rows, 2);
    for (int r = 0; r < half; r++) {
      int other = Math.min(half + r, rows - 1);
      dot.lanes(source, offset + r * rowBytes, offset + other * rowBytes, x, n, lanes);
      Lanes.sums(lanes, 0, 1, out, at + r);
      Lanes.sums(lanes, Lanes.COUNT, 1, out, at + other);
    }
  }
}
