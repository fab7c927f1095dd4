package org.slmruntime.cpu.vector;

import static org.slmruntime.cpu.vector.Lanes.INTS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;

/**
 * Brings memory into the caches. A processor waits for as many cache lines at once as there are in
 * the few hundred instructions that it looks ahead; kernels need many instructions for a line, this
 * loop one: what waits for a vector does so in a longer queue than what waits for a number. What is
 * touched together should stay in the second-level cache.
 */
public final class Touch {
  private static final int LINE = 64;

  private Touch() {}

  /**
   * Reads one vector of each whole line.
   *
   * @return anything; the caller keeps it, so that C2 keeps the reads
   */
  public static int lines(MemorySegment s, long offset, long bytes) {
    IntVector read = IntVector.zero(INTS);
    // Linear in an int, so that C2 checks bounds before the loop and unrolls it.
    int count = Math.toIntExact(bytes / LINE);
    for (int i = 0; i < count; i++) {
      long at = offset + (long) LINE * i;
      read = read.or(IntVector.fromMemorySegment(INTS, s, at, ByteOrder.LITTLE_ENDIAN));
    }
    return read.lane(0);
  }
}
