package org.slmruntime.cpu.vector;

/** Brings a stored row, or a piece of it, into the form of {@link RowScratch}. */
@FunctionalInterface
interface Unpacker {
  /**
   * @param offset of the first block, in bytes
   * @param n columns, a whole number of blocks that {@code to} has room for
   * @param row 0 or 1
   */
  void unpack(byte[] source, int offset, int n, RowScratch to, int row);
}
