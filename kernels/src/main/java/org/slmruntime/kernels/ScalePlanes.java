package org.slmruntime.kernels;

import java.lang.foreign.MemorySegment;

/** Planes of the small scales that K formats and IQ4_XS pack in six bits, a byte each. */
final class ScalePlanes {
  private static final int LOW_SIX = 0x3f3f3f3f;
  private static final int LOW_FOUR = 0x0f0f0f0f;
  private static final int LOW_TWO = 0x03030303;
  private static final long SIGNS = 0x8080808080808080L;
  private static final long THIRTY_TWOS = 0x2020202020202020L;

  private ScalePlanes() {}

  /** Q4_K and Q5_K: twelve bytes from {@code at} on become eight pairs (scale, minimum). */
  static Plane pairs(int blockBytes, int at) {
    return new Plane(
        16,
        (stored, from, blocks, out, to) -> {
          for (int b = 0; b < blocks; b++) {
            pairs(stored, from + (long) blockBytes * b + at, out, to + 16L * b);
          }
        });
  }

  private static void pairs(MemorySegment stored, long from, MemorySegment out, long to) {
    int scales = Words.i32(stored, from);
    int minimums = Words.i32(stored, from + 4);
    int low = Words.i32(stored, from + 8);
    int lastScales = low & LOW_FOUR | (scales >>> 6 & LOW_TWO) << 4;
    int lastMinimums = low >>> 4 & LOW_FOUR | (minimums >>> 6 & LOW_TWO) << 4;
    Words.put(out, to, spread(scales & LOW_SIX) | spread(minimums & LOW_SIX) << 8);
    Words.put(out, to + 8, spread(lastScales) | spread(lastMinimums) << 8);
  }

  /** Four bytes as the low bytes of four shorts. */
  private static long spread(int bytes) {
    long wide = Integer.toUnsignedLong(bytes);
    wide = (wide | wide << 16) & 0x0000ffff0000ffffL;
    return (wide | wide << 8) & 0x00ff00ff00ff00ffL;
  }

  /** Q3_K: eight bytes of low nibbles, then four of high crumbs, become 16 signed bytes. */
  static Plane sixteenSigned(int blockBytes, int at) {
    return new Plane(
        16,
        (stored, from, blocks, out, to) -> {
          for (int b = 0; b < blocks; b++) {
            long source = from + (long) blockBytes * b + at;
            long low = Words.i64(stored, source);
            int high = Words.i32(stored, source + 8);
            Words.put(out, to + 16L * b, signed(low, high));
            Words.put(out, to + 16L * b + 8, signed(low >>> 4, high >>> 4));
          }
        });
  }

  /** Eight scales from their low nibbles and, four by four, the two lowest crumbs of a word. */
  private static long signed(long low, int high) {
    int first = (high & LOW_TWO) << 4;
    int second = (high >>> 2 & LOW_TWO) << 4;
    return minusThirtyTwo(low & 0x0f0f0f0f0f0f0f0fL | first | (long) second << 32);
  }

  /** Subtracts 32 from bytes below 64. */
  private static long minusThirtyTwo(long bytes) {
    // The borrowed sign bit keeps each byte's subtraction to itself.
    return (bytes | SIGNS) - THIRTY_TWOS ^ SIGNS;
  }

  /** IQ4_XS: two bytes of high crumbs, then four of low nibbles, become 8 signed bytes. */
  static Plane eightSigned(int blockBytes, int at) {
    return new Plane(
        8,
        (stored, from, blocks, out, to) -> {
          for (int b = 0; b < blocks; b++) {
            long source = from + (long) blockBytes * b + at;
            int high = Words.i16(stored, source);
            int low = Words.i32(stored, source + 2);
            long scales = 0;
            for (int g = 0; g < 8; g++) {
              int scale = low >>> 4 * g & 15 | (high >>> 2 * g & 3) << 4;
              scales |= (long) scale << 8 * g;
            }
            Words.put(out, to + 8L * b, minusThirtyTwo(scales));
          }
        });
  }
}
