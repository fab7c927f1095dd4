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
    int sum = 0;
    // Linear in an int, so that C2 checks bounds before the loop and unrolls it.
    int count = Math.toIntExact(Math.ceilDiv(bytes, LINE));
    for (int i = 0; i < count; i++) {
      sum += s.get(ValueLayout.JAVA_BYTE, offset + (long) LINE * i);
    }
    return sum;
  }
}
