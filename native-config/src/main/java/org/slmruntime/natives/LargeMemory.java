package org.slmruntime.natives;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/**
 * Memory for gigabytes that are read again and again. On Linux it comes in huge pages where the
 * system has them, which spares misses of the address cache, and it is cleared by whoever writes to
 * it first rather than by whoever allocates it.
 */
public final class LargeMemory {
  /** Signatures as in the native-image metadata. */
  static final Map<String, FunctionDescriptor> FUNCTIONS =
      Map.of(
          "mmap",
          FunctionDescriptor.of(
              ValueLayout.ADDRESS,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG),
          "madvise",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT),
          "munmap",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));

  private static final long HUGE_PAGE = 2L << 20;
  private static final int READ_AND_WRITE = 1 | 2;
  private static final int PRIVATE_ANONYMOUS = 0x2 | 0x20;
  private static final int NO_FILE = -1;
  private static final int USE_HUGE_PAGES = 14;

  private LargeMemory() {}

  /**
   * Allocates zeros, aligned to 64 bytes at least.
   *
   * @param arena whose closing frees them
   * @throws OutOfMemoryError if the system has no such memory
   */
  public static MemorySegment allocate(Arena arena, long bytes) {
    return allocate(arena, bytes, true);
  }

  /**
   * The same for memory of which perhaps little is ever used: it comes in small pages, each when it
   * is written to first.
   *
   * @param arena whose closing frees them
   * @throws OutOfMemoryError if the system has no such memory
   */
  public static MemorySegment allocateAsUsed(Arena arena, long bytes) {
    return allocate(arena, bytes, false);
  }

  /**
   * A mapped file as memory like any other. Huge pages are asked for: what is read from the disk
   * from now on comes in them, if the file system has them.
   *
   * <p>The segment is of the same class as allocated ones, so that code that the JIT compiler made
   * for those is as fast with it; with a mapped segment it is up to a third slower.
   *
   * @param file as the channel mapped it, whole
   * @param arena in which it was mapped
   */
  @SuppressWarnings("restricted") // It has the file's bounds and lifetime.
  public static MemorySegment ofMapped(MemorySegment file, Arena arena) {
    if (System.getProperty("os.name").equals("Linux")) {
      try {
        int ignored = (int) function("madvise").invokeExact(file, file.byteSize(), USE_HUGE_PAGES);
      } catch (Throwable _) {
        // A wish: without them the memory is as good, only slower.
      }
    }
    return MemorySegment.ofAddress(file.address()).reinterpret(file.byteSize(), arena, null);
  }

  private static MemorySegment allocate(Arena arena, long bytes, boolean hugePages) {
    return bytes < HUGE_PAGE
        ? arena.allocate(bytes, 64)
        : mapped(arena, bytes, hugePages).orElseGet(() -> arena.allocate(bytes, 64));
  }

  /** Empty on other systems, and where the system refuses. */
  @SuppressWarnings("restricted") // Mapping memory is what this is for.
  static Optional<MemorySegment> mapped(Arena arena, long bytes, boolean hugePages) {
    if (!System.getProperty("os.name").equals("Linux")) {
      return Optional.empty();
    }
    try {
      long room = Math.addExact(bytes, HUGE_PAGE);
      MethodHandle unmap = function("munmap");
      MemorySegment start =
          (MemorySegment)
              function("mmap")
                  .invokeExact(
                      MemorySegment.NULL, room, READ_AND_WRITE, PRIVATE_ANONYMOUS, NO_FILE, 0L);
      if (start.address() == -1) {
        return Optional.empty();
      }
      MemorySegment whole = start.reinterpret(room, arena, memory -> unmap(unmap, memory, room));
      long first = Math.ceilDiv(start.address(), HUGE_PAGE) * HUGE_PAGE - start.address();
      MemorySegment aligned = whole.asSlice(first, bytes);
      if (hugePages) {
        // A wish: without them the memory is as good, only slower.
        int ignored = (int) function("madvise").invokeExact(aligned, bytes, USE_HUGE_PAGES);
      }
      return Optional.of(aligned);
    } catch (Throwable _) {
      return Optional.empty();
    }
  }

  @SuppressWarnings("restricted") // As above.
  private static MethodHandle function(String name) {
    Linker linker = Linker.nativeLinker();
    SymbolLookup symbols = linker.defaultLookup();
    return linker.downcallHandle(symbols.findOrThrow(name), FUNCTIONS.get(name));
  }

  private static void unmap(MethodHandle function, MemorySegment memory, long bytes) {
    try {
      int ignored = (int) function.invokeExact(memory, bytes);
    } catch (Throwable e) {
      throw new AssertionError("munmap does not throw", e);
    }
  }
}
