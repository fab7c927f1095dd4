package org.slmruntime.cpu.vector;

import static org.slmruntime.cpu.vector.Lanes.BYTES;
import static org.slmruntime.cpu.vector.Lanes.COUNT;
import static org.slmruntime.cpu.vector.Lanes.LANE_BYTES;
import static org.slmruntime.cpu.vector.RowDecoders.bytes;
import static org.slmruntime.cpu.vector.RowDecoders.field;
import static org.slmruntime.cpu.vector.RowDecoders.floats;
import static org.slmruntime.cpu.vector.RowDecoders.half;
import static org.slmruntime.cpu.vector.RowDecoders.put;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorMask;

/** Formats of 32-element blocks with one scale each. */
final class LegacyDecoders {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final byte FIFTH_BIT = 16;

  /** The sixteen levels of IQ4_NL and IQ4_XS. */
  static final ByteVector LEVELS =
      ByteVector.fromArray(
          BYTES,
          new byte[] {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113},
          0);

  private LegacyDecoders() {}

  static void q8v0(MemorySegment s, long offset, float[] y, int at, int n) {
    for (int b = 0; b < n / 32; b++) {
      long block = offset + 34L * b;
      float d = half(s, block);
      for (int j = 0; j < 32; j += LANE_BYTES.length()) {
        ByteVector q =
            ByteVector.fromMemorySegment(LANE_BYTES, s, block + 2 + j, ByteOrder.LITTLE_ENDIAN);
        floats(q, 0).mul(d).intoArray(y, at + 32 * b + j);
        if (COUNT == 4) {
          floats(q, 1).mul(d).intoArray(y, at + 32 * b + j + COUNT);
        }
      }
    }
  }

  static void q4v0(MemorySegment s, long offset, float[] y, int at, int n) {
    for (int b = 0; b < n / 32; b++) {
      long block = offset + 18L * b;
      float d = half(s, block);
      ByteVector q = bytes(s, block + 2);
      put(q.and((byte) 15).sub((byte) 8), d, y, at + 32 * b);
      put(field(q, 4, 15).sub((byte) 8), d, y, at + 32 * b + 16);
    }
  }

  static void q4v1(MemorySegment s, long offset, float[] y, int at, int n) {
    for (int b = 0; b < n / 32; b++) {
      long block = offset + 20L * b;
      float d = half(s, block);
      float m = half(s, block + 2);
      ByteVector q = bytes(s, block + 4);
      put(q.and((byte) 15), d, m, y, at + 32 * b);
      put(field(q, 4, 15), d, m, y, at + 32 * b + 16);
    }
  }

  static void q5v0(MemorySegment s, long offset, float[] y, int at, int n) {
    for (int b = 0; b < n / 32; b++) {
      long block = offset + 22L * b;
      float d = half(s, block);
      ByteVector q = bytes(s, block + 6);
      ByteVector low = q.and((byte) 15).add(FIFTH_BIT, fifths(s, block + 2));
      put(low.sub((byte) 16), d, y, at + 32 * b);
      ByteVector high = field(q, 4, 15).add(FIFTH_BIT, fifths(s, block + 4));
      put(high.sub((byte) 16), d, y, at + 32 * b + 16);
    }
  }

  static void q5v1(MemorySegment s, long offset, float[] y, int at, int n) {
    for (int b = 0; b < n / 32; b++) {
      long block = offset + 24L * b;
      float d = half(s, block);
      float m = half(s, block + 2);
      ByteVector q = bytes(s, block + 8);
      put(q.and((byte) 15).add(FIFTH_BIT, fifths(s, block + 4)), d, m, y, at + 32 * b);
      put(field(q, 4, 15).add(FIFTH_BIT, fifths(s, block + 6)), d, m, y, at + 32 * b + 16);
    }
  }

  /** One bit for each of sixteen elements. */
  private static VectorMask<Byte> fifths(MemorySegment s, long offset) {
    return VectorMask.fromLong(BYTES, s.get(SHORT, offset) & 0xffffL);
  }

  static void iq4nl(MemorySegment s, long offset, float[] y, int at, int n) {
    for (int b = 0; b < n / 32; b++) {
      long block = offset + 18L * b;
      levels(bytes(s, block + 2), half(s, block), y, at + 32 * b);
    }
  }

  /** Low nibbles choose the levels of sixteen elements, high nibbles those of the next. */
  static void levels(ByteVector q, float d, float[] y, int at) {
    put(q.and((byte) 15).selectFrom(LEVELS), d, y, at);
    put(field(q, 4, 15).selectFrom(LEVELS), d, y, at + 16);
  }
}
