package org.slmruntime.cpu.packed;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Brings memory into the caches by reading one value of every line. A kernel that computes on what
 * it reads has few lines on their way at a time, since the processor looks only some hundred
 * instructions ahead; this has as many as the machine can.
 */
final class Touch {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final int LINE = 64;

  private Touch() {}

  /**
   * @return something to keep, so that the reads are not left out
   */
  static int lines(MemorySegment s, long at, long bytes) {
    int a = 0;
    int b = 0;
    int c = 0;
    int d = 0;
    long end = at + bytes;
    for (; at + 3 * LINE < end; at += 4 * LINE) {
      a += s.get(INT, at);
      b += s.get(INT, at + LINE);
      c += s.get(INT, at + 2 * LINE);
      d += s.get(INT, at + 3 * LINE);
    }
    for (; at < end; at += LINE) {
      a += s.get(INT, at);
    }
    return a + b + c + d;
  }
}
