package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.BLOCK;
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

  /** Codes of 8 bits, of a part of the chunk [column][row]. */
  final float[] eights = new float[FloatGemm.COLUMNS * PANEL];

  /** Their sums with a group of tokens [block of columns][token][row]. */
  final float[] eightSums = new float[FloatGemm.COLUMNS / BLOCK * TokenGroups.GROUP * PANEL];

  /** Bytes held. */
  static long byteSize() {
    long shorts = CHUNK * PANEL + CHUNK / 16 * TokenGroups.GROUP * 2L * PANEL;
    long floats =
        (FloatGemm.COLUMNS + FloatGemm.COLUMNS / BLOCK * TokenGroups.GROUP) * (long) PANEL;
    return shorts * Short.BYTES + floats * Float.BYTES;
  }
}
