package org.slmruntime.cpu.vector;

/**
 * The packed 6-bit scales and minimums of K-quants, unpacked eight at a time, one per byte. The
 * twelve packed bytes of Q4_K and Q5_K come as three little-endian words.
 */
final class KScales {
  /** The low four bits of every byte. */
  static final long LOW4 = 0x0f0f0f0f0f0f0f0fL;

  private static final int WORD_LOW6 = 0x3f3f3f3f;
  private static final int WORD_LOW4 = 0x0f0f0f0f;
  private static final int WORD_LOW2 = 0x03030303;
  private static final long TOP1 = 0x8080808080808080L;
  private static final long THIRTY_TWO = 0x2020202020202020L;

  private KScales() {}

  /** Eight scales of Q4_K or Q5_K. */
  static long scales(int w0, int w2) {
    return join(w0 & WORD_LOW6, w2 & WORD_LOW4 | (w0 >>> 6 & WORD_LOW2) << 4);
  }

  /** Eight minimums of Q4_K or Q5_K. */
  static long minimums(int w1, int w2) {
    return join(w1 & WORD_LOW6, w2 >>> 4 & WORD_LOW4 | (w1 >>> 6 & WORD_LOW2) << 4);
  }

  /**
   * The first eight scales of Q3_K, -32 to 31.
   *
   * @param nibbles the low four bits of all sixteen
   * @param top the high two bits
   */
  static long q3First(long nibbles, int top) {
    return minus32(nibbles & LOW4 | join(top & WORD_LOW2, top >>> 2 & WORD_LOW2) << 4);
  }

  /** The other eight. */
  static long q3Second(long nibbles, int top) {
    return minus32(nibbles >>> 4 & LOW4 | join(top >>> 4 & WORD_LOW2, top >>> 6 & WORD_LOW2) << 4);
  }

  /** The top bits keep borrows within their bytes. */
  private static long minus32(long bytes) {
    return (bytes | TOP1) - THIRTY_TWO ^ TOP1;
  }

  private static long join(int low, int high) {
    return low & 0xffffffffL | (long) high << 32;
  }
}
