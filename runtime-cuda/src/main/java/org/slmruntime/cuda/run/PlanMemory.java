package org.slmruntime.cuda.run;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slmruntime.cuda.driver.GpuDriver;

/** What a plan took from the device and gives back in the opposite order. */
final class PlanMemory implements AutoCloseable {
  private final GpuDriver driver;
  private final Deque<Runnable> release = new ArrayDeque<>();
  private final Arena arena = Arena.ofShared();

  PlanMemory(GpuDriver driver) {
    this.driver = driver;
    release.push(arena::close);
  }

  /** Lives as long as this. */
  Arena arena() {
    return arena;
  }

  /** Nothing is allocated for 0 bytes. */
  long allocate(long bytes) {
    if (bytes == 0) {
      return 0;
    }
    long address = driver.allocate(bytes);
    release.push(() -> driver.free(address));
    return address;
  }

  MemorySegment pinned(long bytes) {
    MemorySegment segment = driver.allocatePinned(bytes);
    release.push(() -> driver.freePinned(segment));
    return segment;
  }

  long stream() {
    long stream = driver.createStream();
    release.push(() -> driver.destroyStream(stream));
    return stream;
  }

  void onClose(Runnable action) {
    release.push(action);
  }

  /** Gives everything back, even if giving some of it back fails. */
  @Override
  public void close() {
    RuntimeException failure = null;
    while (!release.isEmpty()) {
      try {
        release.pop().run();
      } catch (RuntimeException e) {
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
