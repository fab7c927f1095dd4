package org.slmruntime.cpu.vector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static org.slmruntime.cpu.vector.Lanes.RUN;
import static org.slmruntime.cpu.vector.StoredBytes.eight;
import static org.slmruntime.cpu.vector.StoredBytes.half;
import static org.slmruntime.cpu.vector.StoredBytes.integer;
import static org.slmruntime.cpu.vector.StoredBytes.word;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;

/**
 * Formats of 256-element blocks whose groups have scales of their own. Their codes come in runs of
 * 32 bytes, each with bits of several groups; bytes are taken two at a time, for there are no
 * shifts of bytes.
 */
final class KUnpackers {

  /** Bytes of a vector: a run or half of one. */
  private static final int STEP = RUN.length();

  private KUnpackers() {}

  static void q2k(byte[] s, int offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 256; b++) {
      int block = offset + 84 * b;
      q2Scales(s, block, to, row * to.rowGroups + 16 * b);
      int at = row * to.rowElements + 256 * b;
      for (int run = 0; run < 2; run++) {
        q2Run(s, block + 16 + 32 * run, to.codes, at + 128 * run);
      }
    }
  }

  private static void q2Scales(byte[] s, int block, RowScratch to, int g) {
    long first = eight(s, block);
    long second = eight(s, block + 8);
    to.putScales(
        16,
        first & KScales.LOW4,
        second & KScales.LOW4,
        half(s, block + 80),
        first >>> 4 & KScales.LOW4,
        second >>> 4 & KScales.LOW4,
        -half(s, block + 82),
        g);
  }

  /** Four planes of two bits. */
  private static void q2Run(byte[] s, int offset, byte[] codes, int at) {
    for (int j = 0; j < 32; j += STEP) {
      ShortVector q = ByteVector.fromArray(RUN, s, offset + j).reinterpretAsShorts();
      for (int plane = 0; plane < 4; plane++) {
        ShortVector code = q.lanewise(LSHR, 2 * plane).and((short) 0x0303);
        code.reinterpretAsBytes().intoArray(codes, at + 32 * plane + j);
      }
    }
  }

  static void q3k(byte[] s, int offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 256; b++) {
      int block = offset + 110 * b;
      q3Scales(s, block, to, row * to.rowGroups + 16 * b);
      int at = row * to.rowElements + 256 * b;
      for (int run = 0; run < 2; run++) {
        q3Run(s, block, run, to.codes, at + 128 * run);
      }
    }
  }

  /** Planes of two bits, and one more that stands for not subtracting 4. */
  private static void q3Run(byte[] s, int block, int run, byte[] codes, int at) {
    for (int j = 0; j < 32; j += STEP) {
      ShortVector q = ByteVector.fromArray(RUN, s, block + 32 + 32 * run + j).reinterpretAsShorts();
      ShortVector mask = ByteVector.fromArray(RUN, s, block + j).reinterpretAsShorts();
      for (int plane = 0; plane < 4; plane++) {
        ShortVector third = mask.lanewise(LSHR, 4 * run + plane).and((short) 0x0101);
        ShortVector code = q.lanewise(LSHR, 2 * plane).and((short) 0x0303);
        code = code.or(third.lanewise(LSHL, 2));
        code.reinterpretAsBytes().intoArray(codes, at + 32 * plane + j);
      }
    }
  }

  private static void q3Scales(byte[] s, int block, RowScratch to, int g) {
    long nibbles = eight(s, block + 96);
    int top = integer(s, block + 104);
    float d = half(s, block + 108);
    long first = KScales.q3First(nibbles, top);
    long second = KScales.q3Second(nibbles, top);
    to.putScales(16, first, second, d, first, second, -4 * d, g);
  }

  static void q4k(byte[] s, int offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 256; b++) {
      int block = offset + 144 * b;
      k45Scales(s, block, to, row * to.rowGroups + 8 * b);
      int at = row * to.rowElements + 256 * b;
      for (int run = 0; run < 4; run++) {
        for (int j = 0; j < 32; j += STEP) {
          int from = block + 16 + 32 * run + j;
          ShortVector q = ByteVector.fromArray(RUN, s, from).reinterpretAsShorts();
          int to0 = at + 64 * run + j;
          q.and((short) 0x0f0f).reinterpretAsBytes().intoArray(to.codes, to0);
          ShortVector high = q.lanewise(LSHR, 4).and((short) 0x0f0f);
          high.reinterpretAsBytes().intoArray(to.codes, to0 + 32);
        }
      }
    }
  }

  static void q5k(byte[] s, int offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 256; b++) {
      int block = offset + 176 * b;
      k45Scales(s, block, to, row * to.rowGroups + 8 * b);
      int at = row * to.rowElements + 256 * b;
      for (int run = 0; run < 4; run++) {
        q5Run(s, block, run, to.codes, at + 64 * run);
      }
    }
  }

  /** Low and high nibbles, and a fifth bit of each in bytes that all runs share. */
  private static void q5Run(byte[] s, int block, int run, byte[] codes, int at) {
    for (int j = 0; j < 32; j += STEP) {
      ShortVector q = ByteVector.fromArray(RUN, s, block + 48 + 32 * run + j).reinterpretAsShorts();
      ShortVector fifths = ByteVector.fromArray(RUN, s, block + 16 + j).reinterpretAsShorts();
      for (int half = 0; half < 2; half++) {
        ShortVector fifth = fifths.lanewise(LSHR, 2 * run + half).and((short) 0x0101);
        ShortVector code = q.lanewise(LSHR, 4 * half).and((short) 0x0f0f);
        code = code.or(fifth.lanewise(LSHL, 4));
        code.reinterpretAsBytes().intoArray(codes, at + 32 * half + j);
      }
    }
  }

  /** Q4_K and Q5_K begin alike. */
  private static void k45Scales(byte[] s, int block, RowScratch to, int g) {
    int w0 = integer(s, block + 4);
    int w1 = integer(s, block + 8);
    int w2 = integer(s, block + 12);
    long scales = KScales.scales(w0, w2);
    long minimums = KScales.minimums(w1, w2);
    to.putScales(8, scales, 0, half(s, block), minimums, 0, -half(s, block + 2), g);
  }

  static void q6k(byte[] s, int offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 256; b++) {
      int block = offset + 210 * b;
      float d = half(s, block + 208);
      int g = row * to.rowGroups + 16 * b;
      long first = eight(s, block + 192);
      long second = eight(s, block + 200);
      to.putScales(16, first, second, d, first, second, -32 * d, g);
      int at = row * to.rowElements + 256 * b;
      for (int half = 0; half < 2; half++) {
        q6Half(s, block + 64 * half, block + 128 + 32 * half, to.codes, at + 128 * half);
      }
    }
  }

  /** Nibbles of two runs, low then high, and two more bits of each in one run. */
  private static void q6Half(byte[] s, int low, int high, byte[] codes, int at) {
    for (int j = 0; j < 32; j += STEP) {
      ShortVector top = ByteVector.fromArray(RUN, s, high + j).reinterpretAsShorts();
      for (int run = 0; run < 2; run++) {
        ShortVector q = ByteVector.fromArray(RUN, s, low + 32 * run + j).reinterpretAsShorts();
        ShortVector upper = top.lanewise(LSHR, 2 * run).and((short) 0x0303).lanewise(LSHL, 4);
        int to = at + 32 * run + j;
        q.and((short) 0x0f0f).or(upper).reinterpretAsBytes().intoArray(codes, to);
        upper = top.lanewise(LSHR, 2 * run + 4).and((short) 0x0303).lanewise(LSHL, 4);
        q = q.lanewise(LSHR, 4).and((short) 0x0f0f).or(upper);
        q.reinterpretAsBytes().intoArray(codes, to + 64);
      }
    }
  }

  static void iq4xs(byte[] s, int offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 256; b++) {
      int block = offset + 136 * b;
      float d = half(s, block);
      int high = word(s, block + 2);
      int low = integer(s, block + 4);
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
