package org.slmruntime.format.gguf;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the key-value section. */
final class GgufMetadataReader {
  /** As ggml limits them. */
  private static final long MAX_STRING_BYTES = 1L << 30;

  private static final long MAX_ARRAY_ELEMENTS = 1L << 30;
  private static final int MAX_ENTRIES = 1 << 20;
  private static final int MAX_KEY_BYTES = 65535;

  /**
   * What a file may make us hold in Java objects; strings and widened arrays take more than their
   * bytes in the file. A vocabulary of 256K tokens with its merges takes 60 MB.
   */
  private static final long MAX_MEMORY = Math.min(1L << 29, Runtime.getRuntime().maxMemory() / 4);

  private static final int STRING_OVERHEAD = 64;
  private static final int MIN_ENTRY_BYTES = 8 + 1 + 4 + 1;

  private final GgufCursor in;
  private long memory;

  GgufMetadataReader(GgufCursor in) {
    this.in = in;
  }

  Map<String, Object> read(long count) {
    if (count > MAX_ENTRIES || count > in.remaining() / MIN_ENTRY_BYTES) {
      throw in.error(count + " metadata entries cannot fit in " + in.remaining() + " bytes");
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (long i = 0; i < count; i++) {
      long at = in.position();
      String key = in.string("the key of metadata entry " + i, MAX_KEY_BYTES);
      reserve(in.position() - at + STRING_OVERHEAD, "entry " + i);
      if (key.isEmpty() || key.indexOf('\0') >= 0) {
        throw in.error(at, "metadata entry " + i + " has an empty key or one with NUL");
      }
      if (values.put(key, value(key)) != null) {
        throw in.error(at, "metadata key " + GgufCursor.shown(key) + " occurs twice");
      }
    }
    return values;
  }

  private Object value(String key) {
    String what = "the value of " + GgufCursor.shown(key);
    long type = in.u32("the type of " + GgufCursor.shown(key));
    if (key.equals(GgufShard.ALIGNMENT_KEY) && type != GgufType.UINT32) {
      throw in.error(in.position() - 4, what + " must have type 4 (u32) but has type " + type);
    }
    return type == GgufType.ARRAY ? array(what) : scalar((int) Math.min(type, 99), what);
  }

  private Object scalar(int type, String what) {
    return switch (type) {
      case GgufType.FLOAT32 -> (double) Float.intBitsToFloat(in.i32(what));
      case GgufType.BOOL -> bool(what);
      case GgufType.STRING -> string(what);
      case GgufType.FLOAT64 -> Double.longBitsToDouble(in.i64(what));
      default -> integer(type, what);
    };
  }

  private long integer(int type, String what) {
    return switch (type) {
      case GgufType.UINT8 -> in.u8(what);
      case GgufType.INT8 -> (byte) in.u8(what);
      case GgufType.UINT16 -> in.i16(what) & 0xffff;
      case GgufType.INT16 -> in.i16(what);
      case GgufType.UINT32 -> in.u32(what);
      case GgufType.INT32 -> in.i32(what);
      case GgufType.UINT64 -> in.count(what);
      case GgufType.INT64 -> in.i64(what);
      default -> throw in.error(in.position() - 4, what + " has unknown type " + type);
    };
  }

  private boolean bool(String what) {
    int value = in.u8(what);
    if (value > 1) {
      throw in.error(in.position() - 1, what + " must be 0 or 1 but is " + value);
    }
    return value == 1;
  }

  private String string(String what) {
    long at = in.position();
    // What is read first and counted then would be taken before it is refused.
    String value = in.string(what, Math.min(MAX_STRING_BYTES, (MAX_MEMORY - memory) / 2));
    reserve(in.position() - at + STRING_OVERHEAD, what);
    return value;
  }

  /** Counts memory before or as it is taken. */
  private void reserve(long bytes, String what) {
    memory += bytes;
    if (memory > MAX_MEMORY) {
      throw in.error("the metadata up to " + what + " needs more than " + MAX_MEMORY + " bytes");
    }
  }

  private Object array(String what) {
    int type = (int) Math.min(in.u32(what), 99);
    if (type == GgufType.ARRAY || type > GgufType.FLOAT64) {
      throw in.error(
          in.position() - 4,
          what + (type == GgufType.ARRAY ? " is an array of arrays" : " has unknown type " + type));
    }
    long at = in.position();
    long count = in.count("the number of elements in " + what);
    if (count > MAX_ARRAY_ELEMENTS || count > in.remaining() / GgufType.minimumBytes(type)) {
      throw in.error(
          at, what + " claims " + count + " elements; " + in.remaining() + " bytes left");
    }
    reserve(count * Math.max(4, GgufType.minimumBytes(type)), what);
    int n = (int) count;
    return switch (type) {
      case GgufType.STRING -> strings(what, n);
      case GgufType.BOOL -> bools(what, n);
      case GgufType.FLOAT32 -> floats(what, n);
      case GgufType.FLOAT64 -> doubles(what, n);
      default -> integers(type, what, n);
    };
  }

  private List<String> strings(String what, int n) {
    String[] values = new String[n];
    for (int i = 0; i < n; i++) {
      values[i] = string(what);
    }
    return List.of(values);
  }

  private boolean[] bools(String what, int n) {
    boolean[] values = new boolean[n];
    for (int i = 0; i < n; i++) {
      values[i] = bool(what);
    }
    return values;
  }

  private float[] floats(String what, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = Float.intBitsToFloat(in.i32(what));
    }
    return values;
  }

  private double[] doubles(String what, int n) {
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = Double.longBitsToDouble(in.i64(what));
    }
    return values;
  }

  /** As {@code int[]} if every value fits, else as {@code long[]}. */
  private Object integers(int type, String what, int n) {
    int[] narrow = new int[n];
    for (int i = 0; i < n; i++) {
      long value = integer(type, what);
      if (value != (int) value) {
        return wideIntegers(type, what, narrow, i, value);
      }
      narrow[i] = (int) value;
    }
    return narrow;
  }

  private long[] wideIntegers(int type, String what, int[] read, int count, long next) {
    long[] wide = Arrays.stream(read).asLongStream().toArray();
    wide[count] = next;
    for (int i = count + 1; i < wide.length; i++) {
      wide[i] = integer(type, what);
    }
    return wide;
  }
}
