package org.slmruntime.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Copies between heap memory, which native code cannot reach, and a device, piece by piece. */
final class HeapCopies {
  private static final long PIECE = 1 << 20;

  private final MemorySegment piece = Arena.ofAuto().allocate(PIECE, 256);

  /** Copies between native and device memory. */
  @FunctionalInterface
  interface Copy {
    void run(long device, MemorySegment host, long bytes);
  }

  void upload(long to, MemorySegment from, long bytes, Copy copy) {
    for (long at = 0; at < bytes; at += PIECE) {
      long count = Math.min(PIECE, bytes - at);
      MemorySegment.copy(from, at, piece, 0, count);
      copy.run(to + at, piece, count);
    }
  }

  void download(MemorySegment to, long from, long bytes, Copy copy) {
    for (long at = 0; at < bytes; at += PIECE) {
      long count = Math.min(PIECE, bytes - at);
      copy.run(from + at, piece, count);
      MemorySegment.copy(piece, 0, to, at, count);
    }
  }
}
