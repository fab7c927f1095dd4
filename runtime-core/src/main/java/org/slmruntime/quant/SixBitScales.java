package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;

/** The 12 bytes of eight 6-bit scales and eight 6-bit minimums in Q4_K and Q5_K. */
final class SixBitScales {
  private SixBitScales() {}

  static int scale(MemorySegment s, long at, int j) {
    return j < 4
        ? Bytes.u8(s, at + j) & 63
        : Bytes.u8(s, at + j + 4) & 15 | Bytes.u8(s, at + j - 4) >> 6 << 4;
  }

  /** Writes both halves; the bytes must be zero before. */
  static void put(MemorySegment s, long at, int j, int scale, int minimum) {
    if (j < 4) {
      Bytes.orU8(s, at + j, scale);
      Bytes.orU8(s, at + j + 4, minimum);
    } else {
      Bytes.orU8(s, at + j + 4, scale & 15 | (minimum & 15) << 4);
      Bytes.orU8(s, at + j - 4, scale >> 4 << 6);
      Bytes.orU8(s, at + j, minimum >> 4 << 6);
    }
  }

  static int minimum(MemorySegment s, long at, int j) {
    return j < 4
        ? Bytes.u8(s, at + j + 4) & 63
        : Bytes.u8(s, at + j + 4) >> 4 | Bytes.u8(s, at + j) >> 6 << 4;
  }
}
