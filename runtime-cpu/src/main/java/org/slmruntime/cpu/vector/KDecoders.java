package org.slmruntime.cpu.vector;

import static org.slmruntime.cpu.vector.RowDecoders.bytes;
import static org.slmruntime.cpu.vector.RowDecoders.field;
import static org.slmruntime.cpu.vector.RowDecoders.half;
import static org.slmruntime.cpu.vector.RowDecoders.moved;
import static org.slmruntime.cpu.vector.RowDecoders.put;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;

/** Formats of 256-element blocks whose groups have scales of their own. */
final class KDecoders {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LE);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LE);

  private KDecoders() {}

  static void q2k(MemorySegment s, long offset, float[] y, int at, int n) {
    for (int b = 0; b < n / 256; b++) {
      long block = offset + 84L * b;
      float d = half(s, block + 80);
      float dmin = half(s, block + 82);
      for (int group = 0; group < 16; group++) {
        int packed = s.get(ValueLayout.JAVA_BYTE, block + group);
        float scale = d * (packed & 15);
        float minimum = -dmin * (packed >> 4 & 15);
        ByteVector q = bytes(s, block + 16 + 32 * (group >> 3) + 16 * (group & 1));
        int shift = 2 * (group >> 1 & 3);
        put(field(q, shift, 3), scale, minimum, y, at + 256 * b + 16 * group);
      }
    }
  }

  static void q3k(MemorySegment s, long offset, float[] y, int at, int n) {
    for (int b = 0; b < n / 256; b++) {
      long block = offset + 110L * b;
      float d = half(s, block + 108);
      long low = KScales.q3Low(s.get(LONG, block + 96));
      long high = KScales.q3High(s.get(LONG, block + 96));
      int top = s.get(INT, block + 104);
      for (int group = 0; group < 16; group++) {
        long nibbles = group < 8 ? low : high;
        int scale = KScales.at(nibbles, group & 7) | (top >>> q3Shift(group) & 3) << 4;
        ByteVector q = bytes(s, block + 32 + 32 * (group >> 3) + 16 * (group & 1));
        ByteVector mask = bytes(s, block + 16 * (group & 1));
        ByteVector codes = field(q, 2 * (group >> 1 & 3), 3);
        // The mask bit, moved to 4, stands for not subtracting 4.
        ByteVector fours = moved(field(mask, group >> 1, 1), 2, 1);
        put(codes.add(fours).sub((byte) 4), d * (scale - 32), y, at + 256 * b + 16 * group);
      }
    }
  }

  /** Where the two high bits of a Q3_K scale are in the last four bytes. */
  private static int q3Shift(int group) {
    return 8 * (group & 3) + 2 * (group >> 2);
  }

  static void q4k(MemorySegment s, long offset, float[] y, int at, int n) {
    for (int b = 0; b < n / 256; b++) {
      long block = offset + 144L * b;
      float d = half(s, block);
      float dmin = -half(s, block + 2);
      long scales = KScales.scales(s.get(INT, block + 4), s.get(INT, block + 12));
      long minimums = KScales.minimums(s.get(INT, block + 8), s.get(INT, block + 12));
      for (int piece = 0; piece < 8; piece++) {
        int pair = piece >> 1;
        ByteVector q = bytes(s, block + 16 + 16 * piece);
        int to = at + 256 * b + 64 * pair + 16 * (piece & 1);
        float scale = d * KScales.at(scales, 2 * pair);
        put(q.and((byte) 15), scale, dmin * KScales.at(minimums, 2 * pair), y, to);
        scale = d * KScales.at(scales, 2 * pair + 1);
        put(field(q, 4, 15), scale, dmin * KScales.at(minimums, 2 * pair + 1), y, to + 32);
      }
    }
  }

  static void q5k(MemorySegment s, long offset, float[] y, int at, int n) {
    for (int b = 0; b < n / 256; b++) {
      long block = offset + 176L * b;
      float d = half(s, block);
      float dmin = -half(s, block + 2);
      long scales = KScales.scales(s.get(INT, block + 4), s.get(INT, block + 12));
      long minimums = KScales.minimums(s.get(INT, block + 8), s.get(INT, block + 12));
      for (int piece = 0; piece < 16; piece++) {
        int group = piece >> 1;
        int part = 16 * (piece & 1);
        float scale = d * KScales.at(scales, group);
        float minimum = dmin * KScales.at(minimums, group);
        ByteVector low = bytes(s, block + 48 + 32 * (group >> 1) + part);
        ByteVector high = field(bytes(s, block + 16 + part), group, 1);
        ByteVector codes = field(low, 4 * (group & 1), 15).or(moved(high, 4, 1));
        put(codes, scale, minimum, y, at + 256 * b + 16 * piece);
      }
    }
  }

  static void q6k(MemorySegment s, long offset, float[] y, int at, int n) {
    for (int b = 0; b < n / 256; b++) {
      long block = offset + 210L * b;
      float d = half(s, block + 208);
      for (int group = 0; group < 16; group++) {
        int half = group >> 3;
        int plane = group >> 1 & 3;
        int part = 16 * (group & 1);
        ByteVector low = bytes(s, block + 64 * half + 32 * (plane & 1) + part);
        ByteVector high = bytes(s, block + 128 + 32 * half + part);
        ByteVector codes =
            field(low, 4 * (plane >> 1), 15).or(moved(field(high, 2 * plane, 3), 4, 3));
        float scale = d * s.get(ValueLayout.JAVA_BYTE, block + 192 + group);
        put(codes.sub((byte) 32), scale, y, at + 256 * b + 16 * group);
      }
    }
  }

  static void iq4xs(MemorySegment s, long offset, float[] y, int at, int n) {
    for (int b = 0; b < n / 256; b++) {
      long block = offset + 136L * b;
      float d = half(s, block);
      int high = s.get(SHORT, block + 2);
      int low = s.get(INT, block + 4);
      for (int group = 0; group < 8; group++) {
        int scale = low >>> 4 * group & 15 | (high >>> 2 * group & 3) << 4;
        ByteVector q = bytes(s, block + 8 + 16 * group);
        LegacyDecoders.levels(q, d * (scale - 32), y, at + 256 * b + 32 * group);
      }
    }
  }
}
