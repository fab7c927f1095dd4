package org.slmruntime.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Little-endian words at any address. */
final class Words {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Words() {}

  static short i16(MemorySegment s, long at) {
    return s.get(SHORT, at);
  }

  static int i32(MemorySegment s, long at) {
    return s.get(INT, at);
  }

  static long i64(MemorySegment s, long at) {
    return s.get(LONG, at);
  }

  static void put(MemorySegment s, long at, short value) {
    s.set(SHORT, at, value);
  }

  static void put(MemorySegment s, long at, int value) {
    s.set(INT, at, value);
  }

  static void put(MemorySegment s, long at, long value) {
    s.set(LONG, at, value);
  }
}
