package org.slmruntime.cpu.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Decodes by unpacking, as much at a time as the working memory holds. */
record UnpackedDecoder(Packing packing) implements RowDecoder {
  @Override
  public void decode(
      MemorySegment source, long offset, float[] target, int at, int elements, RowScratch scratch) {
    int piece = scratch.rowElements;
    for (int c = 0; c < elements; c += piece) {
      int n = Math.min(piece, elements - c);
      int size = (int) packing.type().byteSize(n);
      long from = offset + packing.type().byteSize(c);
      MemorySegment.copy(source, ValueLayout.JAVA_BYTE, from, scratch.stored, 0, size);
      packing.unpacker().unpack(scratch.stored, 0, n, scratch, 0);
      CodeKernels.expand(scratch, packing.groupShift(), n, target, at + c);
    }
  }
}
