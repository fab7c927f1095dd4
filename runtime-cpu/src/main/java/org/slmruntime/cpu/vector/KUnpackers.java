package org.slmruntime.cpu.vector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static org.slmruntime.cpu.vector.Lanes.RUN_WORDS;
import static org.slmruntime.cpu.vector.StoredValues.LE;
import static org.slmruntime.cpu.vector.StoredValues.half;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ShortVector;

/**
 * Formats of 256-element blocks whose groups have scales of their own. Their codes come in runs of
 * 32 bytes, each with bits of several groups; bytes are taken two at a time, for there are no
 * shifts of bytes.
 */
final class KUnpackers {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LE);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LE);

  /** Bytes of a vector: a run or half of one. */
  private static final int STEP = RUN_WORDS.vectorByteSize();

  private KUnpackers() {}

  static void q2k(MemorySegment s, long offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 256; b++) {
      long block = offset + 84L * b;
      q2Scales(s, block, to, row * to.rowGroups + 16 * b);
      int at = row * to.rowElements + 256 * b;
      for (int run = 0; run < 2; run++) {
        q2Run(s, block + 16 + 32 * run, to.codes, at + 128 * run);
      }
    }
  }

  private static void q2Scales(MemorySegment s, long block, RowScratch to, int g) {
    long first = s.get(LONG, block);
    long second = s.get(LONG, block + 8);
    float d = half(s, block + 80);
    to.putEight(first & KScales.LOW4, d, to.scales, g);
    to.putEight(second & KScales.LOW4, d, to.scales, g + 8);
    float dmin = -half(s, block + 82);
    to.putEight(first >>> 4 & KScales.LOW4, dmin, to.minimums, g);
    to.putEight(second >>> 4 & KScales.LOW4, dmin, to.minimums, g + 8);
  }

  /** Four planes of two bits. */
  private static void q2Run(MemorySegment s, long offset, byte[] codes, int at) {
    for (int j = 0; j < 32; j += STEP) {
      ShortVector q = ShortVector.fromMemorySegment(RUN_WORDS, s, offset + j, LE);
      for (int plane = 0; plane < 4; plane++) {
        ShortVector code = q.lanewise(LSHR, 2 * plane).and((short) 0x0303);
        code.reinterpretAsBytes().intoArray(codes, at + 32 * plane + j);
      }
    }
  }

  static void q3k(MemorySegment s, long offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 256; b++) {
      long block = offset + 110L * b;
      q3Scales(s, block, to, row * to.rowGroups + 16 * b);
      int at = row * to.rowElements + 256 * b;
      for (int run = 0; run < 2; run++) {
        q3Run(s, block, run, to.codes, at + 128 * run);
      }
    }
  }

  /** Planes of two bits, and one more that stands for not subtracting 4. */
  private static void q3Run(MemorySegment s, long block, int run, byte[] codes, int at) {
    for (int j = 0; j < 32; j += STEP) {
      ShortVector q = ShortVector.fromMemorySegment(RUN_WORDS, s, block + 32 + 32 * run + j, LE);
      ShortVector mask = ShortVector.fromMemorySegment(RUN_WORDS, s, block + j, LE);
      for (int plane = 0; plane < 4; plane++) {
        ShortVector third = mask.lanewise(LSHR, 4 * run + plane).and((short) 0x0101);
        ShortVector code = q.lanewise(LSHR, 2 * plane).and((short) 0x0303);
        code = code.or(third.lanewise(LSHL, 2));
        code.reinterpretAsBytes().intoArray(codes, at + 32 * plane + j);
      }
    }
  }

  private static void q3Scales(MemorySegment s, long block, RowScratch to, int g) {
    long nibbles = s.get(LONG, block + 96);
    int top = s.get(INT, block + 104);
    float d = half(s, block + 108);
    sixteen(KScales.q3First(nibbles, top), KScales.q3Second(nibbles, top), d, -4 * d, to, g);
  }

  /** Sixteen groups whose minimums are a multiple of their scales. */
  private static void sixteen(long first, long second, float d, float m, RowScratch to, int g) {
    to.putEight(first, d, to.scales, g);
    to.putEight(second, d, to.scales, g + 8);
    to.putEight(first, m, to.minimums, g);
    to.putEight(second, m, to.minimums, g + 8);
  }

  static void q4k(MemorySegment s, long offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 256; b++) {
      long block = offset + 144L * b;
      k45Scales(s, block, to, row * to.rowGroups + 8 * b);
      int at = row * to.rowElements + 256 * b;
      for (int run = 0; run < 4; run++) {
        for (int j = 0; j < 32; j += STEP) {
          long from = block + 16 + 32 * run + j;
          ShortVector q = ShortVector.fromMemorySegment(RUN_WORDS, s, from, LE);
          int to0 = at + 64 * run + j;
          q.and((short) 0x0f0f).reinterpretAsBytes().intoArray(to.codes, to0);
          ShortVector high = q.lanewise(LSHR, 4).and((short) 0x0f0f);
          high.reinterpretAsBytes().intoArray(to.codes, to0 + 32);
        }
      }
    }
  }

  static void q5k(MemorySegment s, long offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 256; b++) {
      long block = offset + 176L * b;
      k45Scales(s, block, to, row * to.rowGroups + 8 * b);
      int at = row * to.rowElements + 256 * b;
      for (int run = 0; run < 4; run++) {
        q5Run(s, block, run, to.codes, at + 64 * run);
      }
    }
  }

  /** Low and high nibbles, and a fifth bit of each in bytes that all runs share. */
  private static void q5Run(MemorySegment s, long block, int run, byte[] codes, int at) {
    for (int j = 0; j < 32; j += STEP) {
      ShortVector q = ShortVector.fromMemorySegment(RUN_WORDS, s, block + 48 + 32 * run + j, LE);
      ShortVector fifths = ShortVector.fromMemorySegment(RUN_WORDS, s, block + 16 + j, LE);
      ShortVector fifth = fifths.lanewise(LSHR, 2 * run).and((short) 0x0101).lanewise(LSHL, 4);
      q.and((short) 0x0f0f).or(fifth).reinterpretAsBytes().intoArray(codes, at + j);
      fifth = fifths.lanewise(LSHR, 2 * run + 1).and((short) 0x0101).lanewise(LSHL, 4);
      ShortVector high = q.lanewise(LSHR, 4).and((short) 0x0f0f).or(fifth);
      high.reinterpretAsBytes().intoArray(codes, at + 32 + j);
    }
  }

  /** Q4_K and Q5_K begin alike. */
  private static void k45Scales(MemorySegment s, long block, RowScratch to, int g) {
    int w0 = s.get(INT, block + 4);
    int w1 = s.get(INT, block + 8);
    int w2 = s.get(INT, block + 12);
    to.putEight(KScales.scales(w0, w2), half(s, block), to.scales, g);
    to.putEight(KScales.minimums(w1, w2), -half(s, block + 2), to.minimums, g);
  }

  static void q6k(MemorySegment s, long offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 256; b++) {
      long block = offset + 210L * b;
      float d = half(s, block + 208);
      int g = row * to.rowGroups + 16 * b;
      sixteen(s.get(LONG, block + 192), s.get(LONG, block + 200), d, -32 * d, to, g);
      int at = row * to.rowElements + 256 * b;
      for (int half = 0; half < 2; half++) {
        q6Half(s, block + 64 * half, block + 128 + 32 * half, to.codes, at + 128 * half);
      }
    }
  }

  /** Nibbles of two runs, low then high, and two more bits of each in one run. */
  private static void q6Half(MemorySegment s, long low, long high, byte[] codes, int at) {
    for (int j = 0; j < 32; j += STEP) {
      ShortVector top = ShortVector.fromMemorySegment(RUN_WORDS, s, high + j, LE);
      for (int run = 0; run < 2; run++) {
        ShortVector q = ShortVector.fromMemorySegment(RUN_WORDS, s, low + 32 * run + j, LE);
        ShortVector upper = top.lanewise(LSHR, 2 * run).and((short) 0x0303).lanewise(LSHL, 4);
        int to = at + 32 * run + j;
        q.and((short) 0x0f0f).or(upper).reinterpretAsBytes().intoArray(codes, to);
        upper = top.lanewise(LSHR, 2 * run + 4).and((short) 0x0303).lanewise(LSHL, 4);
        q = q.lanewise(LSHR, 4).and((short) 0x0f0f).or(upper);
        q.reinterpretAsBytes().intoArray(codes, to + 64);
      }
    }
  }

  static void iq4xs(MemorySegment s, long offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 256; b++) {
      long block = offset + 136L * b;
      float d = half(s, block);
      int high = s.get(SHORT, block + 2);
      int low = s.get(INT, block + 4);
      int g = row * to.rowGroups + 8 * b;
      int at = row * to.rowElements + 256 * b;
      for (int group = 0; group < 8; group++) {
        int code = low >>> 4 * group & 15 | (high >>> 2 * group & 3) << 4;
        to.scales[g + group] = d * (code - 32);
        to.minimums[g + group] = 0;
        LegacyUnpackers.levels(s, block + 8 + 16 * group, to.codes, at + 32 * group);
      }
    }
  }
}
