package org.slmruntime.cpu.vector;

import java.lang.foreign.MemorySegment;

/** Rows unpacked to {@link RowScratch}, two neighbours at a time, then multiplied. */
record UnpackedRows(Packing packing) implements RowProduct {
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
    for (int r = 0; r < rows; r += 2) {
      int other = Math.min(r + 1, rows - 1);
      for (int i = 0; i < 2; i++) {
        long from = offset + (i == 0 ? r : other) * rowBytes;
        packing.unpacker().unpack(source, from, n, scratch, i);
      }
      CodeKernels.dot(scratch, packing.groupShift(), x, n, lanes);
      Lanes.sums(lanes, 0, 1, out, at + r);
      Lanes.sums(lanes, Lanes.COUNT, 1, out, at + other);
    }
  }
}
