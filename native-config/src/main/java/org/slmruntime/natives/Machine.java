package org.slmruntime.natives;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The host as this process may use it.
 *
 * @param processor name as the system gives it, or the architecture
 * @param cores that the JVM may use, control groups taken into account
 * @param memoryBytes that this process may use, control groups taken into account
 */
public record Machine(String processor, int cores, long memoryBytes) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final Path MEMORY_INFO = Path.of("/proc/meminfo");

  /** Looks now; cheap enough to call anywhere but in a loop. */
  public static Machine probe() {
    return new Machine(processorName(), Runtime.getRuntime().availableProcessors(), memory());
  }

  private static String processorName() {
    return field(CPU_INFO, "model name").orElse(System.getProperty("os.arch"));
  }

  /** The smallest of what the kernel says is there and the limits of the control groups. */
  private static long memory() {
    long total =
        field(MEMORY_INFO, "MemTotal")
            .map(text -> Long.parseLong(text.replaceAll("\\D", "")) * 1024)
            .orElse(Runtime.getRuntime().maxMemory());
    return Stream.of("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
        .flatMap(file -> limit(Path.of(file)).stream())
        .reduce(total, Math::min);
  }

  /** Memory that could be taken now without swapping, within the same limits. */
  public static long availableMemory() {
    long available =
        field(MEMORY_INFO, "MemAvailable")
            .map(text -> Long.parseLong(text.replaceAll("\\D", "")) * 1024)
            .orElse(memory());
    return Math.min(available, memory());
  }

  private static Optional<Long> limit(Path file) {
    try {
      return Optional.of(Long.parseLong(Files.readString(file).strip()));
    } catch (IOException | NumberFormatException _) {
      return Optional.empty(); // No such group, or "max".
    }
  }

  private static Optional<String> field(Path file, String name) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException | UncheckedIOException _) {
      return Optional.empty();
    }
  }
}
