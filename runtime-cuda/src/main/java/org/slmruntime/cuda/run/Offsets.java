package org.slmruntime.cuda.run;

/** Hands out aligned places one after the other. */
final class Offsets {
  private static final long ALIGNMENT = 256;

  private long end;

  /** Where {@code bytes} lie; the end is aligned, too. */
  long add(long bytes) {
    long start = end;
    end = Math.addExact(end, align(bytes));
    return start;
  }

  /** The same for {@code count} things of {@code bytes}. */
  long add(long count, long bytes) {
    return add(Math.multiplyExact(count, bytes));
  }

  long end() {
    return end;
  }

  static long align(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }
}
