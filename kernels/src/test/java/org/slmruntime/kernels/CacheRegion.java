package org.slmruntime.kernels;

import java.lang.foreign.MemorySegment;

/**
 * The keys or the values of one layer on the device. Rows that nobody has stored stay unwritten.
 */
final class CacheRegion {
  private final KernelLab lab;
  private final CacheFormat format;
  private final int kvHeads;
  private final int size;
  private final int blockTokens;
  private final long address;
  private final long bytes;

  CacheRegion(
      KernelLab lab, CacheFormat format, int blocks, int kvHeads, int size, int blockTokens) {
    this.lab = lab;
    this.format = format;
    this.kvHeads = kvHeads;
    this.size = size;
    this.blockTokens = blockTokens;
    this.bytes = (long) blocks * kvHeads * format.chunkBytes(size, blockTokens);
    this.address = lab.allocate(bytes);
  }

  long address() {
    return address;
  }

  long bytes() {
    return bytes;
  }

  /** Bytes of one row, with its scales. */
  int storedBytes() {
    return format.rowBytes(size) + format.scaleBytes(size);
  }

  /** Stores a row of one head and returns what was left of it after rounding. */
  float[] store(int block, int kvHead, int row, float[] values) {
    long chunk = chunk(block, kvHead);
    write(chunk + format.rowAt(row, size), format.row(values));
    write(chunk + format.scalesAt(row, size, blockTokens), format.scales(values));
    return format.round(values);
  }

  private long chunk(int block, int kvHead) {
    return address + ((long) block * kvHeads + kvHead) * format.chunkBytes(size, blockTokens);
  }

  private void write(long to, byte[] from) {
    if (from.length > 0) {
      lab.memory().write(to, MemorySegment.ofArray(from), from.length);
    }
  }
}
