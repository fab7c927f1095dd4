package org.slmruntime.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Page-locked memory as segments which end when it is freed, so that using one afterwards is an
 * exception and not a crash.
 */
final class PinnedBuffers {
  private final Map<Long, Arena> arenas = new HashMap<>();

  @SuppressWarnings({"restricted", "MustBeClosedChecker"}) // The driver gave so much memory there.
  MemorySegment add(long address, long bytes) {
    Arena arena = Arena.ofShared();
    arenas.put(address, arena);
    return MemorySegment.ofAddress(address).reinterpret(bytes, arena, null);
  }

  /** Ends a segment's life and returns its address. */
  long remove(MemorySegment segment) {
    Arena arena = arenas.remove(segment.address());
    if (arena == null) {
      throw new IllegalArgumentException("this is no pinned memory of this driver: " + segment);
    }
    arena.close();
    return segment.address();
  }

  void drain(LongConsumer free) {
    arenas.values().forEach(Arena::close);
    arenas.keySet().forEach(free::accept);
    arenas.clear();
  }
}
