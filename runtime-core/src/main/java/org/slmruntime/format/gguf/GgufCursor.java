package org.slmruntime.format.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.Shown;

/** A forward reader over a mapped file that never reads past its end. */
final class GgufCursor {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final String source;
  private final MemorySegment bytes;

  /** Reused for the many short strings of a vocabulary. */
  private final byte[] shortText = new byte[256];

  private long position;

  GgufCursor(String source, MemorySegment bytes) {
    this.source = source;
    this.bytes = bytes;
  }

  long position() {
    return position;
  }

  long remaining() {
    return bytes.byteSize() - position;
  }

  int u8(String what) {
    return bytes.get(ValueLayout.JAVA_BYTE, advance(1, what)) & 0xff;
  }

  int i16(String what) {
    return bytes.get(SHORT, advance(2, what));
  }

  int i32(String what) {
    return bytes.get(INT, advance(4, what));
  }

  long u32(String what) {
    return i32(what) & 0xffffffffL;
  }

  long i64(String what) {
    return bytes.get(LONG, advance(8, what));
  }

  /** A 64-bit count; those of 2^63 and more come out negative and are refused. */
  long count(String what) {
    long at = position;
    long value = i64(what);
    if (value < 0) {
      throw error(at, what + " is " + Long.toUnsignedString(value));
    }
    return value;
  }

  /** A length-prefixed string of at most {@code limit} bytes; malformed UTF-8 is replaced. */
  String string(String what, long limit) {
    long at = position;
    if (remaining() < 8) {
      throw error("the file ends within the length of " + what);
    }
    long length = bytes.get(LONG, position);
    position += 8;
    if (length < 0 || length > remaining()) {
      throw error(
          at,
          what
              + " has "
              + Long.toUnsignedString(length)
              + " bytes but only "
              + remaining()
              + " are left");
    }
    if (length > limit) {
      throw error(at, what + " has " + length + " bytes; at most " + limit + " are read");
    }
    int n = (int) length;
    byte[] text = n <= shortText.length ? shortText : new byte[n];
    MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, position, text, 0, n);
    position += n;
    return new String(text, 0, n, StandardCharsets.UTF_8);
  }

  /** Moves past {@code count} bytes and returns where they start. */
  private long advance(long count, String what) {
    if (count > remaining()) {
      throw error(position, "the file ends within " + what);
    }
    long start = position;
    position += count;
    return start;
  }

  /** A name from the file as messages have it. */
  static String shown(String text) {
    return Shown.of(text);
  }

  FormatException error(String problem) {
    return error(position, problem);
  }

  FormatException error(long at, String problem) {
    return new FormatException(source + ": offset " + at + ": " + problem);
  }
}
