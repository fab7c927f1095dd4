package org.slmruntime.cpu.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Brings memory into the caches. A processor waits for as many cache lines at once as there are in
 * the few hundred instructions that it looks ahead; kernels need many instructions for a line, this
 * loop two. What is touched together should stay in the second-level cache.
 */
public final class Touch {
  private static final int LINE = 64;

  private Touch() {}

  /**
   * Reads one byte of each line.
   *
   * @return anything; the caller keeps it, so that C2 keeps the reads
   */
  public static int lines(MemorySegment s, long offset, long bytes) {
    int a = 0;
    int b = 0;
    int c = 0;
    int d = 0;
    long at = offset;
    long end = offset + bytes;
    for (; at + 3 * LINE < end; at += 4 * LINE) {
      a += s.get(ValueLayout.JAVA_BYTE, at);
      b += s.get(ValueLayout.JAVA_BYTE, at + LINE);
      c += s.get(ValueLayout.JAVA_BYTE, at + 2 * LINE);
      d += s.get(ValueLayout.JAVA_BYTE, at + 3 * LINE);
    }
    for (; at < end; at += LINE) {
      a += s.get(ValueLayout.JAVA_BYTE, at);
    }
    return a + b + c + d;
  }
}
