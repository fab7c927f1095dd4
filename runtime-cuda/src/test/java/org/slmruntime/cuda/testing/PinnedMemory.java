package org.slmruntime.cuda.testing;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.slmruntime.cuda.driver.GpuException;

/** Host memory for asynchronous copies; holds noise at first, as the real one may. */
final class PinnedMemory {
  private final Random random;
  private final Map<MemorySegment, Arena> arenas = new HashMap<>();

  PinnedMemory(long seed) {
    random = new Random(seed);
  }

  @SuppressWarnings("MustBeClosedChecker") // free and freeAll close it.
  MemorySegment allocate(long bytes) {
    Arena arena = Arena.ofShared();
    MemorySegment segment = arena.allocate(bytes, 256);
    byte[] noise = new byte[1021];
    random.nextBytes(noise);
    for (long i = 0; i < bytes; i++) {
      segment.set(ValueLayout.JAVA_BYTE, i, noise[(int) (i % noise.length)]);
    }
    arenas.put(segment, arena);
    return segment;
  }

  void free(MemorySegment segment) {
    Arena arena = arenas.remove(segment);
    if (arena == null) {
      throw new GpuException("cuMemFreeHost: this is no pinned memory: " + segment, 1);
    }
    arena.close();
  }

  /**
   * @throws GpuException if the bytes are not all within one pinned allocation
   */
  void check(MemorySegment part, long bytes) {
    long from = part.address();
    boolean within =
        arenas.keySet().stream()
            .anyMatch(
                s ->
                    from >= s.address()
                        && from + bytes <= s.address() + s.byteSize()
                        && bytes >= 0);
    if (!within || bytes > part.byteSize()) {
      throw new GpuException(bytes + " bytes are not in pinned memory: " + part, 1);
    }
  }

  int count() {
    return arenas.size();
  }

  void freeAll() {
    arenas.values().forEach(Arena::close);
    arenas.clear();
  }
}
