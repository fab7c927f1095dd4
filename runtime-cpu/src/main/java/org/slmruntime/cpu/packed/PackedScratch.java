package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.CHUNK;
import static org.slmruntime.cpu.packed.Panels.PANEL;

/** One thread's working memory: what becomes of a chunk of one or two panels. */
public final class PackedScratch {
  /** Panels that one token is multiplied with at a time. */
  static final int PAIR = 2;

  /** Groups of a chunk, at most. */
  private static final int GROUPS = CHUNK / 16;

  /** Runs of a chunk, at most. */
  private static final int RUNS = CHUNK / 8;

  /** The second panel's scales begin here. */
  static final int OTHER_SCALES = GROUPS * PANEL;

  /** The second panel's sums begin here. */
  static final int OTHER_SUMS = RUNS * PANEL;

  /** Scales [panel of a pair][group][row]. */
  final float[] scales = new float[PAIR * OTHER_SCALES];

  /** Offsets, likewise; those of a format without any are not read. */
  final float[] offsets = new float[PAIR * OTHER_SCALES];

  /** Exact sums of products [panel of a pair][run][row]. */
  final short[] sums = new short[PAIR * OTHER_SUMS];

  /** Results so far of one token [panel of a pair][row], or [panel][token][row] of many. */
  final float[] totals = new float[PackedProducts.TOTALS];

  /** What many tokens are multiplied with. */
  final GemmScratch gemm = new GemmScratch();

  /** Factors of a chunk's scales [d, dmin][row]. */
  final float[] factors = new float[2 * PANEL];

  /** Keeps what was read only to have it near. */
  int touched;

  /** Bytes held. */
  public static long byteSize() {
    long floats = 2L * PAIR * OTHER_SCALES + PackedProducts.TOTALS + 2L * PANEL;
    long shorts = (long) PAIR * OTHER_SUMS;
    return floats * Float.BYTES + shorts * Short.BYTES + GemmScratch.byteSize();
  }
}
