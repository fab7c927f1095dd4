package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.CHUNK;
import static org.slmruntime.cpu.packed.Panels.PANEL;

/** One thread's working memory for a chunk of a panel times many tokens. */
final class GemmScratch {
  /** Codes of the chunk [pair of columns][even rows, odd rows][row][column of the pair]. */
  final short[] codes = new short[CHUNK * PANEL];

  /**
   * Sums of a group of tokens [group of columns][token][even rows, odd rows][row][column of the
   * pair].
   */
  final short[] sums = new short[CHUNK / 16 * TokenGroups.GROUP * 2 * PANEL];

  /** Bytes held. */
  static long byteSize() {
    return (CHUNK * PANEL + CHUNK / 16 * TokenGroups.GROUP * 2L * PANEL) * Short.BYTES;
  }
}
