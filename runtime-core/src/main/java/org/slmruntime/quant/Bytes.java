package org.slmruntime.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Little-endian access to a block's fields. */
final class Bytes {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Bytes() {}

  static int i8(MemorySegment s, long offset) {
    return s.get(ValueLayout.JAVA_BYTE, offset);
  }

  static int u8(MemorySegment s, long offset) {
    return s.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
  }

  static int u16(MemorySegment s, long offset) {
    return s.get(SHORT, offset) & 0xffff;
  }

  static int i32(MemorySegment s, long offset) {
    return s.get(INT, offset);
  }

  static float f32(MemorySegment s, long offset) {
    return s.get(FLOAT, offset);
  }

  static float f16(MemorySegment s, long offset) {
    return Float.float16ToFloat(s.get(SHORT, offset));
  }

  static void putU8(MemorySegment s, long offset, int value) {
    s.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
  }

  static void putU16(MemorySegment s, long offset, int value) {
    s.set(SHORT, offset, (short) value);
  }

  static void putI32(MemorySegment s, long offset, int value) {
    s.set(INT, offset, value);
  }

  static void putF32(MemorySegment s, long offset, float value) {
    s.set(FLOAT, offset, value);
  }

  /** Sets bits of a byte that are still zero. */
  static void orU8(MemorySegment s, long offset, int bits) {
    putU8(s, offset, u8(s, offset) | bits);
  }

  static void clear(MemorySegment s, long offset, int bytes) {
    s.asSlice(offset, bytes).fill((byte) 0);
  }

  static float roundF16(float value) {
    return Float.float16ToFloat(Float.floatToFloat16(value));
  }

  static void putF16(MemorySegment s, long offset, float value) {
    s.set(SHORT, offset, Float.floatToFloat16(value));
  }
}
