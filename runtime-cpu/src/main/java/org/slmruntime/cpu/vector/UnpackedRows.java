package org.slmruntime.cpu.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rows copied in batches, then unpacked to {@link RowScratch} and multiplied, two neighbours at a
 * time. Unpackers jump about in a block, which the hardware does not prefetch; a copy it does.
 */
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
    int size = Math.toIntExact(rowBytes);
    int batch = scratch.stored.length / size & -2;
    for (int r = 0; r < rows; r += batch) {
      int count = Math.min(batch, rows - r);
      MemorySegment.copy(
          source, ValueLayout.JAVA_BYTE, offset + r * rowBytes, scratch.stored, 0, count * size);
      for (int i = 0; i < count; i += 2) {
        int other = Math.min(i + 1, count - 1);
        for (int row = 0; row < 2; row++) {
          int from = (row == 0 ? i : other) * size;
          packing.unpacker().unpack(scratch.stored, from, n, scratch, row);
        }
        CodeKernels.dot(scratch, packing.groupShift(), x, n, lanes);
        Lanes.sums(lanes, 0, 1, out, at + r + i);
        Lanes.sums(lanes, Lanes.COUNT, 1, out, at + r + other);
      }
    }
  }
}
