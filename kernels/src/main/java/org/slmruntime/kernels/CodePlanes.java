package org.slmruntime.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Planes of weight codes: nibbles, crumbs and bits in the order in which the kernels take them
 * apart. Stored blocks differ in which bytes and bits of them hold the 32 codes of a group.
 */
final class CodePlanes {
  private static final long LOW_NIBBLES = 0x0f0f0f0f0f0f0f0fL;
  private static final int LOW_CRUMBS = 0x03030303;
  private static final int LOW_BITS = 0x01010101;

  private CodePlanes() {}

  /** Nibbles of 32-element blocks: 16 bytes from {@code at} on, elements 16 to 31 in high ones. */
  static Plane halvedNibbles(int blockBytes, int at) {
    return new Plane(
        16,
        (stored, from, blocks, out, to) -> {
          for (int b = 0; b < blocks; b++) {
            halved(stored, from + (long) blockBytes * b + at, out, to + 16L * b);
          }
        });
  }

  /** The same for blocks of eight such groups. */
  static Plane eightHalvedNibbles(int blockBytes, int at) {
    return new Plane(
        128,
        (stored, from, blocks, out, to) -> {
          for (int g = 0; g < 8 * blocks; g++) {
            long group = from + (long) blockBytes * (g >> 3) + at + 16L * (g & 7);
            halved(stored, group, out, to + 16L * g);
          }
        });
  }

  private static void halved(MemorySegment stored, long from, MemorySegment out, long to) {
    long first = Words.i64(stored, from);
    long second = Words.i64(stored, from + 8);
    Words.put(out, to, eightCodes(first));
    Words.put(out, to + 4, eightCodes(second));
    Words.put(out, to + 8, eightCodes(first >>> 4));
    Words.put(out, to + 12, eightCodes(second >>> 4));
  }

  /** Nibbles of Q4_K and Q5_K: groups 2p and 2p + 1 share 32 bytes. */
  static Plane pairedNibbles(int blockBytes, int at) {
    return new Plane(
        128,
        (stored, from, blocks, out, to) -> {
          for (int g = 0; g < 8 * blocks; g++) {
            long group = from + (long) blockBytes * (g >> 3) + at + 32L * (g >> 1 & 3);
            whole(stored, group, 4 * (g & 1), out, to + 16L * g);
          }
        });
  }

  /** Nibbles of Q6_K: of four groups, 0 and 2 share 32 bytes, 1 and 3 the next. */
  static Plane crossedNibbles(int blockBytes, int at) {
    return new Plane(
        128,
        (stored, from, blocks, out, to) -> {
          for (int g = 0; g < 8 * blocks; g++) {
            int offset = 64 * (g >> 2 & 1) + 32 * (g & 1);
            long group = from + (long) blockBytes * (g >> 3) + at + offset;
            whole(stored, group, 4 * (g >> 1 & 1), out, to + 16L * g);
          }
        });
  }

  private static void whole(
      MemorySegment stored, long from, int shift, MemorySegment out, long to) {
    for (int j = 0; j < 4; j++) {
      Words.put(out, to + 4L * j, eightCodes(Words.i64(stored, from + 8L * j) >>> shift));
    }
  }

  /** The low nibbles of eight bytes as a word: the first four low, the last four high. */
  private static int eightCodes(long bytes) {
    long codes = bytes & LOW_NIBBLES;
    return (int) (codes | codes >>> 28);
  }

  /** Crumbs of K formats: four groups share 32 bytes. */
  static Plane crumbs(int blockBytes, int at) {
    return new Plane(
        64,
        (stored, from, blocks, out, to) -> {
          for (int g = 0; g < 8 * blocks; g++) {
            long group = from + (long) blockBytes * (g >> 3) + at + 32L * (g >> 2 & 1);
            int shift = 2 * (g & 3);
            Words.put(out, to + 8L * g, sixteenCrumbs(stored, group, shift));
            Words.put(out, to + 8L * g + 4, sixteenCrumbs(stored, group + 16, shift));
          }
        });
  }

  private static int sixteenCrumbs(MemorySegment stored, long from, int shift) {
    int word = 0;
    for (int s = 0; s < 4; s++) {
      word |= (Words.i32(stored, from + 4L * s) >>> shift & LOW_CRUMBS) << 2 * s;
    }
    return word;
  }

  /** Highest bits of K formats: eight groups share 32 bytes. */
  static Plane bits(int blockBytes, int at) {
    return new Plane(
        32,
        (stored, from, blocks, out, to) -> {
          for (int g = 0; g < 8 * blocks; g++) {
            long group = from + (long) blockBytes * (g >> 3) + at;
            int word = 0;
            for (int i = 0; i < 8; i++) {
              word |= (Words.i32(stored, group + 4L * i) >>> (g & 7) & LOW_BITS) << i;
            }
            Words.put(out, to + 4L * g, word);
          }
        });
  }

  /** Fifth bits of 32-element blocks: a word, bit j of element j. */
  static Plane fifthBits(int blockBytes, int at) {
    return new Plane(
        4,
        (stored, from, blocks, out, to) -> {
          for (int b = 0; b < blocks; b++) {
            int bits = Words.i32(stored, from + (long) blockBytes * b + at);
            int word = 0;
            for (int i = 0; i < 8; i++) {
              word |= spread(bits >>> 4 * i & 15) << i;
            }
            Words.put(out, to + 4L * b, word);
          }
        });
  }

  /** Moves bit b of a nibble to bit 8b. */
  private static int spread(int nibble) {
    return nibble * 0x00204081 & LOW_BITS;
  }
}
