package org.slmruntime.ptx;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Bytes that lie together: an allocation, a block's shared or a warp's local memory. */
final class Region {
  static final VarHandle SHORT = view(short[].class);
  static final VarHandle INT = view(int[].class);
  static final VarHandle LONG = view(long[].class);

  /** States of a byte. */
  static final byte NEVER_WRITTEN = 0;

  static final byte WRITTEN = 1;
  static final byte AWAITED = 2;

  private static final long ALL_WRITTEN = 0x0101010101010101L;

  final long base;
  final int size;
  final byte[] bytes;
  boolean freed;

  /** A state per byte; null if all were written. */
  byte[] states;

  /** Looks for races; null where none are looked for. */
  Races races;

  /** How often each byte was loaded; null if nobody asked. */
  int[] loads;

  Region(long base, int size, boolean written) {
    this.base = base;
    this.size = size;
    this.bytes = new byte[size];
    this.states = written ? null : new byte[size];
  }

  private static VarHandle view(Class<?> type) {
    return MethodHandles.byteArrayViewVarHandle(type, ByteOrder.LITTLE_ENDIAN);
  }

  /** Whether these bytes, a power of two of at most 16, were all written. */
  boolean isWritten(int at, int count) {
    byte[] s = states;
    if (s == null) {
      return true;
    }
    return switch (count) {
      case 4 -> (int) INT.get(s, at) == (int) ALL_WRITTEN;
      case 8 -> (long) LONG.get(s, at) == ALL_WRITTEN;
      case 16 -> (long) LONG.get(s, at) == ALL_WRITTEN && (long) LONG.get(s, at + 8) == ALL_WRITTEN;
      default -> {
        boolean all = true;
        for (int i = 0; i < count; i++) {
          all &= s[at + i] == WRITTEN;
        }
        yield all;
      }
    };
  }

  void mark(int at, int count, byte state) {
    byte[] s = states;
    if (s == null) {
      return;
    }
    if (count == 4) {
      INT.set(s, at, (int) ALL_WRITTEN * state);
    } else {
      Arrays.fill(s, at, at + count, state);
    }
  }

  /** Whether a copy into one of these bytes may still be under way. */
  boolean isAwaited(int at, int count) {
    if (states != null) {
      for (int i = at; i < at + count; i++) {
        if (states[i] == AWAITED) {
          return true;
        }
      }
    }
    return false;
  }

  /** The first byte never written of a range, -1 if none. */
  int firstUnwritten(int at, int count) {
    if (states != null) {
      for (int i = at; i < at + count; i++) {
        if (states[i] != WRITTEN) {
          return i;
        }
      }
    }
    return -1;
  }

  long get(int at, int count) {
    return switch (count) {
      case 1 -> bytes[at] & 0xff;
      case 2 -> (short) SHORT.get(bytes, at) & 0xffff;
      case 4 -> (int) INT.get(bytes, at) & 0xffffffffL;
      default -> (long) LONG.get(bytes, at);
    };
  }

  void set(int at, int count, long value) {
    switch (count) {
      case 1 -> bytes[at] = (byte) value;
      case 2 -> SHORT.set(bytes, at, (short) value);
      case 4 -> INT.set(bytes, at, (int) value);
      default -> LONG.set(bytes, at, value);
    }
  }
}
