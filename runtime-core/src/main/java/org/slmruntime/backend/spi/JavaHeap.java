package org.slmruntime.backend.spi;

/** How much of the Java heap a backend may still take. */
public final class JavaHeap {
  private JavaHeap() {}

  /**
   * Free bytes. Where those do not seem enough, garbage is collected first: it counts as taken
   * until then, and a model that was closed is garbage.
   */
  public static long free(long needed) {
    if (free() < needed) {
      System.gc();
    }
    return free();
  }

  private static long free() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
  }
}
