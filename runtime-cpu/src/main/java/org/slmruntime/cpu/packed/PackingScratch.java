package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.CHUNK;
import static org.slmruntime.cpu.packed.Panels.PANEL;

/** One thread's working memory for packing, used for one matrix after the other. */
public final class PackingScratch {
  /** Rows of a panel as they are stored. */
  final byte[] stored;

  /** Codes of a chunk of one row, unsigned. */
  final byte[] codes = new byte[CHUNK];

  /** A packed chunk. */
  final short[] chunk = new short[PackedFormat.Q8_0.chunkBytes(CHUNK) / Short.BYTES];

  /**
   * @param rowBytes of the largest stored row
   */
  public PackingScratch(long rowBytes) {
    stored = new byte[Math.toIntExact(Math.multiplyExact(PANEL, rowBytes))];
  }

  /** Bytes held. */
  public static long byteSize(long rowBytes) {
    return PANEL * rowBytes + CHUNK + PackedFormat.Q8_0.chunkBytes(CHUNK);
  }
}
