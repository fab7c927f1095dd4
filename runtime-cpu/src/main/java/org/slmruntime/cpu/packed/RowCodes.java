package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.vector.StoredBytes.eight;
import static org.slmruntime.cpu.vector.StoredBytes.integer;
import static org.slmruntime.cpu.vector.StoredBytes.putEight;

/**
 * Reads the codes of stored rows, eight columns at a time, into one byte each, unsigned. Plain
 * integers rather than vectors: this runs once, when a model is loaded, and vectors are slow until
 * they are compiled.
 */
final class RowCodes {
  private static final long LOW4 = 0x0f0f0f0f0f0f0f0fL;
  private static final long LOW2 = 0x0303030303030303L;
  private static final long LOW1 = 0x0101010101010101L;
  private static final long SIGNS = 0x8080808080808080L;
  private static final long OWN_BIT = 0x8040201008040201L;
  private static final long LOW7 = 0x7f7f7f7f7f7f7f7fL;

  private RowCodes() {}

  /**
   * Reads the columns of a chunk.
   *
   * @param at where the chunk's first block begins
   * @param n columns
   */
  static void read(PackedFormat format, byte[] stored, int at, int n, byte[] codes) {
    int blockBytes = (int) format.type.byteSize(format.type.blockElements());
    switch (format) {
      case Q5_0 -> fiveBits(stored, at + 2, blockBytes, n, codes);
      case Q5_1 -> fiveBits(stored, at + 4, blockBytes, n, codes);
      case Q5_K -> {
        runs(stored, at + 48, codes);
        fifths(stored, at + 16, codes);
      }
      case Q3_K -> threeBits(stored, at, codes);
      case Q6_K -> sixBits(stored, at, codes);
      case Q8_0 -> bytes(stored, at + 2, blockBytes, n, codes);
      case Q4_0, Q4_1, Q4_K, IQ4_NL, IQ4_XS ->
          throw new IllegalArgumentException(format.type + " is packed directly");
    }
  }

  /** Blocks of 32 signed bytes. */
  private static void bytes(byte[] s, int at, int blockBytes, int n, byte[] codes) {
    for (int c = 0; c < n; c += 32, at += blockBytes) {
      for (int i = 0; i < 32; i += 8) {
        putEight(codes, c + i, eight(s, at + i) ^ SIGNS);
      }
    }
  }

  /** Blocks of 32 with the first half in the low nibbles. */
  private static void nibbles(byte[] s, int at, int blockBytes, int n, byte[] codes) {
    for (int c = 0; c < n; c += 32, at += blockBytes) {
      split(s, at, codes, c, 16);
      split(s, at + 8, codes, c + 8, 16);
    }
  }

  private static void split(byte[] s, int at, byte[] codes, int c, int high) {
    long bytes = eight(s, at);
    putEight(codes, c, bytes & LOW4);
    putEight(codes, c + high, bytes >>> 4 & LOW4);
  }

  /** The same after a word of fifth bits. */
  private static void fiveBits(byte[] s, int at, int blockBytes, int n, byte[] codes) {
    nibbles(s, at + 4, blockBytes, n, codes);
    for (int c = 0; c < n; c += 32, at += blockBytes) {
      int fifths = integer(s, at);
      for (int i = 0; i < 32; i += 8) {
        long spread = ((fifths >>> i & 255) * LOW1 & OWN_BIT) + LOW7 >>> 7 & LOW1;
        putEight(codes, c + i, eight(codes, c + i) | spread << 4);
      }
    }
  }

  /** Runs of 32 bytes, each the low nibbles of one group and the high ones of the next. */
  private static void runs(byte[] s, int at, byte[] codes) {
    for (int c = 0; c < 256; c += 64, at += 32) {
      for (int i = 0; i < 32; i += 8) {
        split(s, at + i, codes, c + i, 32);
      }
    }
  }

  /** Fifth bits of eight groups, one plane each. */
  private static void fifths(byte[] s, int at, byte[] codes) {
    for (int group = 0; group < 8; group++) {
      for (int i = 0; i < 32; i += 8) {
        int c = 32 * group + i;
        putEight(codes, c, eight(codes, c) | (eight(s, at + i) >>> group & LOW1) << 4);
      }
    }
  }

  /** Halves of 128: four planes of two bits in one run, and one plane of third bits for each. */
  private static void threeBits(byte[] s, int at, byte[] codes) {
    for (int plane = 0; plane < 8; plane++) {
      int low = at + 32 + plane / 4 * 32;
      for (int i = 0; i < 32; i += 8) {
        long two = eight(s, low + i) >>> plane % 4 * 2 & LOW2;
        putEight(codes, 32 * plane + i, two | (eight(s, at + i) >>> plane & LOW1) << 2);
      }
    }
  }

  /** Halves of 128: nibbles of two runs, low then high, and four planes of two bits in one run. */
  private static void sixBits(byte[] s, int at, byte[] codes) {
    for (int half = 0; half < 2; half++) {
      int low = at + 64 * half;
      int high = at + 128 + 32 * half;
      for (int i = 0; i < 32; i += 8) {
        int c = 128 * half + i;
        long top = eight(s, high + i);
        long q0 = eight(s, low + i);
        long q1 = eight(s, low + 32 + i);
        putEight(codes, c, q0 & LOW4 | (top & LOW2) << 4);
        putEight(codes, c + 32, q1 & LOW4 | (top >>> 2 & LOW2) << 4);
        putEight(codes, c + 64, q0 >>> 4 & LOW4 | (top >>> 4 & LOW2) << 4);
        putEight(codes, c + 96, q1 >>> 4 & LOW4 | (top >>> 6 & LOW2) << 4);
      }
    }
  }
}
