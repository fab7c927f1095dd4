package org.slmruntime.cpu.vector;

import static jdk.incubator.vector.VectorOperators.LSHR;
import static org.slmruntime.cpu.vector.Lanes.BYTES;
import static org.slmruntime.cpu.vector.StoredBytes.half;
import static org.slmruntime.cpu.vector.StoredBytes.word;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;

/**
 * Formats of 32-element blocks with one scale each. Where a format subtracts an offset from its
 * codes, {@code minimum = -offset * scale}: both products are exact, so the weight is the same.
 */
final class LegacyUnpackers {
  private static final byte FIFTH_BIT = 16;

  private static final byte[] LEVELS = Levels.table(BYTES.length(), 0);

  private LegacyUnpackers() {}

  static void q8v0(byte[] s, int offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 32; b++) {
      int block = offset + 34 * b;
      int at = row * to.rowElements + 32 * b;
      to.scales[row * to.rowGroups + b] = half(s, block);
      to.minimums[row * to.rowGroups + b] = 0;
      ByteVector.fromArray(BYTES, s, block + 2).intoArray(to.codes, at);
      ByteVector.fromArray(BYTES, s, block + 18).intoArray(to.codes, at + 16);
    }
  }

  static void q4v0(byte[] s, int offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 32; b++) {
      int block = offset + 18 * b;
      float d = half(s, block);
      to.scales[row * to.rowGroups + b] = d;
      to.minimums[row * to.rowGroups + b] = -8 * d;
      nibbles(s, block + 2, to.codes, row * to.rowElements + 32 * b);
    }
  }

  static void q4v1(byte[] s, int offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 32; b++) {
      int block = offset + 20 * b;
      to.scales[row * to.rowGroups + b] = half(s, block);
      to.minimums[row * to.rowGroups + b] = half(s, block + 2);
      nibbles(s, block + 4, to.codes, row * to.rowElements + 32 * b);
    }
  }

  /** Low nibbles are the codes of sixteen elements, high nibbles those of the next. */
  private static void nibbles(byte[] s, int offset, byte[] codes, int at) {
    ShortVector q = ByteVector.fromArray(BYTES, s, offset).reinterpretAsShorts();
    q.and((short) 0x0f0f).reinterpretAsBytes().intoArray(codes, at);
    ShortVector high = q.lanewise(LSHR, 4).and((short) 0x0f0f);
    high.reinterpretAsBytes().intoArray(codes, at + 16);
  }

  static void q5v0(byte[] s, int offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 32; b++) {
      int block = offset + 22 * b;
      float d = half(s, block);
      to.scales[row * to.rowGroups + b] = d;
      to.minimums[row * to.rowGroups + b] = -16 * d;
      fives(s, block + 2, to.codes, row * to.rowElements + 32 * b);
    }
  }

  static void q5v1(byte[] s, int offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 32; b++) {
      int block = offset + 24 * b;
      to.scales[row * to.rowGroups + b] = half(s, block);
      to.minimums[row * to.rowGroups + b] = half(s, block + 2);
      fives(s, block + 4, to.codes, row * to.rowElements + 32 * b);
    }
  }

  /** 32 fifth bits, then nibbles. */
  private static void fives(byte[] s, int offset, byte[] codes, int at) {
    nibbles(s, offset + 4, codes, at);
    for (int j = 0; j < 32; j += 16) {
      long bits = word(s, offset + (j >> 3)) & 0xffffL;
      VectorMask<Byte> mask = VectorMask.fromLong(BYTES, bits);
      ByteVector.fromArray(BYTES, codes, at + j).add(FIFTH_BIT, mask).intoArray(codes, at + j);
    }
  }

  static void iq4nl(byte[] s, int offset, int n, RowScratch to, int row) {
    for (int b = 0; b < n / 32; b++) {
      int block = offset + 18 * b;
      to.scales[row * to.rowGroups + b] = half(s, block);
      to.minimums[row * to.rowGroups + b] = 0;
      levels(s, block + 2, to.codes, row * to.rowElements + 32 * b);
    }
  }

  /** The same as {@link #nibbles} where nibbles choose levels. */
  static void levels(byte[] s, int offset, byte[] codes, int at) {
    ByteVector levels = ByteVector.fromArray(BYTES, LEVELS, 0);
    ShortVector q = ByteVector.fromArray(BYTES, s, offset).reinterpretAsShorts();
    ByteVector low = q.and((short) 0x0f0f).reinterpretAsBytes();
    low.selectFrom(levels).intoArray(codes, at);
    ByteVector high = q.lanewise(LSHR, 4).and((short) 0x0f0f).reinterpretAsBytes();
    high.selectFrom(levels).intoArray(codes, at + 16);
  }
}
