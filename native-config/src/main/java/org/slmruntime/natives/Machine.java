package org.slmruntime.natives;

import java.nio.file.Path;

/**
 * The host as this process may use it.
 *
 * @param processor name as the system gives it, or the architecture
 * @param cores that the JVM may use, affinity and control groups taken into account; threads of one
 *     core count once, since they share what numeric work is bound by
 * @param memoryBytes that this process may use, control groups taken into account
 */
public record Machine(String processor, int cores, long memoryBytes) {
  /** Looks now; cheap enough to call anywhere but in a loop. */
  public static Machine probe() {
    HostFiles files = hostFiles();
    return new Machine(
        files.processorName().orElse(System.getProperty("os.arch")),
        Math.min(
            Runtime.getRuntime().availableProcessors(),
            files.physicalCores().orElse(Integer.MAX_VALUE)),
        files.memory().orElse(Runtime.getRuntime().maxMemory()));
  }

  /** Memory in bytes that could be taken now without swapping, within the same limits. */
  public static long availableMemory() {
    return hostFiles().availableMemory().orElse(Runtime.getRuntime().maxMemory());
  }

  private static HostFiles hostFiles() {
    return new HostFiles(Path.of("/"));
  }
}
