package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.PANEL;
import static org.slmruntime.cpu.vector.StoredBytes.eight;

/**
 * Packs codes of four bits, sixteen at a time. Plain integers as in {@link RowCodes}, for the same
 * reason.
 */
final class FourBitRows {
  private static final long LOW4 = 0x0f0f0f0f0f0f0f0fL;
  private static final long LOW_BYTES = 0x00ff00ff00ff00ffL;

  private FourBitRows() {}

  /**
   * Blocks of 32 with the first half in the low nibbles.
   *
   * @param at where the first block's codes begin
   * @param n columns
   * @param to the first value's place in the chunk; four columns later is {@link Panels#PANEL} on
   */
  static void blocks(byte[] s, int at, int blockBytes, int n, short[] chunk, int to) {
    for (int c = 0; c < n; c += 32, at += blockBytes, to += 8 * PANEL) {
      put(eight(s, at), chunk, to, to + 4 * PANEL);
      put(eight(s, at + 8), chunk, to + 2 * PANEL, to + 6 * PANEL);
    }
  }

  /**
   * The same for codes that are numbers of levels: a value has its first two columns in the low
   * nibbles of its bytes, so that looking these up gives what codes of 8 bits are packed to.
   */
  static void levels(byte[] s, int at, int blockBytes, int n, short[] chunk, int to) {
    for (int c = 0; c < n; c += 32, at += blockBytes, to += 8 * PANEL) {
      putBytes(eight(s, at), chunk, to, to + 4 * PANEL);
      putBytes(eight(s, at + 8), chunk, to + 2 * PANEL, to + 6 * PANEL);
    }
  }

  private static void putBytes(long bytes, short[] chunk, int low, int high) {
    putPairs(bytes & LOW4, chunk, low);
    putPairs(bytes >>> 4 & LOW4, chunk, high);
  }

  private static void putPairs(long codes, short[] chunk, int to) {
    long fours = codes | codes >>> 12;
    chunk[to] = (short) fours;
    chunk[to + PANEL] = (short) (fours >>> 32);
  }

  /** A chunk as runs of 32 bytes, each the low nibbles of one group and the high of the next. */
  static void runs(byte[] s, int at, short[] chunk, int to) {
    for (int end = at + 128; at < end; at += 32, to += 16 * PANEL) {
      for (int i = 0; i < 4; i++) {
        int place = to + 2 * i * PANEL;
        put(eight(s, at + 8 * i), chunk, place, place + 8 * PANEL);
      }
    }
  }

  private static void put(long bytes, short[] chunk, int low, int high) {
    putEight(bytes & LOW4, chunk, low);
    putEight(bytes >>> 4 & LOW4, chunk, high);
  }

  /** Eight columns become two values. */
  private static void putEight(long codes, short[] chunk, int to) {
    long pairs = (codes | codes >>> 4) & LOW_BYTES;
    long fours = pairs | pairs >>> 8;
    chunk[to] = (short) fours;
    chunk[to + PANEL] = (short) (fours >>> 32);
  }
}
