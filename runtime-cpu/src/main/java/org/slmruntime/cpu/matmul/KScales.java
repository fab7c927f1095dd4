package org.slmruntime.cpu.matmul;

/**
 * The 6-bit scales and minimums of Q4_K and Q5_K, unpacked eight at a time: the 12 packed bytes
 * come as three little-endian words, of which each needs two.
 */
final class KScales {
  private static final int LOW6 = 0x3f3f3f3f;
  private static final int LOW4 = 0x0f0f0f0f;
  private static final int TOP2 = 0x03030303;

  private KScales() {}

  /** Eight scales, one per byte. */
  static long scales(int w0, int w2) {
    int first = w0 & LOW6;
    int second = w2 & LOW4 | (w0 >>> 6 & TOP2) << 4;
    return first & 0xffffffffL | (long) second << 32;
  }

  /** Eight minimums, one per byte. */
  static long minimums(int w1, int w2) {
    int first = w1 & LOW6;
    int second = w2 >>> 4 & LOW4 | (w1 >>> 6 & TOP2) << 4;
    return first & 0xffffffffL | (long) second << 32;
  }

  static int at(long packed, int index) {
    return (int) (packed >>> 8 * index) & 0xff;
  }
}
