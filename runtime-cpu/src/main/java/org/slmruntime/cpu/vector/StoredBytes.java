package org.slmruntime.cpu.vector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Reads what stored blocks are made of, little-endian and unaligned. */
public final class StoredBytes {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, LE);
  private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, LE);
  private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, LE);

  private StoredBytes() {}

  public static float half(byte[] s, int offset) {
    return Float.float16ToFloat(word(s, offset));
  }

  public static short word(byte[] s, int offset) {
    return (short) SHORTS.get(s, offset);
  }

  public static int integer(byte[] s, int offset) {
    return (int) INTS.get(s, offset);
  }

  /** Eight bytes, the first lowest. */
  public static long eight(byte[] s, int offset) {
    return (long) LONGS.get(s, offset);
  }

  public static void putEight(byte[] s, int offset, long bytes) {
    LONGS.set(s, offset, bytes);
  }
}
