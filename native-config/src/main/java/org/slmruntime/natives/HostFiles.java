package org.slmruntime.natives;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What the kernel's text files under {@code proc} and {@code sys} say. A file that is absent,
 * unreadable or not as expected is as good as no answer.
 *
 * @param root the folder that holds {@code proc} and {@code sys}
 */
record HostFiles(Path root) {
  /** The memory limits of control groups: version 2, then version 1. */
  private static final String[] LIMITS = {
    "sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"
  };

  /** The name of the first processor; some architectures give none. */
  Optional<String> processorName() {
    return field("proc/cpuinfo", "model name");
  }

  /** Cores with at least one hardware thread that this process may run on. */
  OptionalInt physicalCores() {
    try {
      long cores =
          field("proc/self/status", "Cpus_allowed_list").stream()
              .flatMapToInt(HostFiles::numbers)
              .mapToObj(this::siblings)
              .distinct()
              .count();
      return cores > 0 ? OptionalInt.of(Math.toIntExact(cores)) : OptionalInt.empty();
    } catch (NumberFormatException | UncheckedIOException _) {
      return OptionalInt.empty();
    }
  }

  /** The hardware threads of one core, in the same words for each of them. */
  private String siblings(int processor) {
    String topology = "sys/devices/system/cpu/cpu" + processor + "/topology/";
    try {
      return Files.readString(root.resolve(topology + "thread_siblings_list")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The members of a list such as {@code 0-3,8}. */
  private static IntStream numbers(String list) {
    return Stream.of(list.split(",", -1))
        .flatMapToInt(
            range -> {
              String[] ends = range.split("-", 2);
              return IntStream.rangeClosed(
                  Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]));
            });
  }

  /** Bytes of memory: the smallest of what is there and the control groups' limits. */
  OptionalLong memory() {
    return LongStream.concat(kilobytes("MemTotal").stream(), limits()).min();
  }

  /** Bytes that could be taken now without swapping, never more than {@link #memory()}. */
  OptionalLong availableMemory() {
    return LongStream.concat(kilobytes("MemAvailable").stream(), memory().stream()).min();
  }

  private LongStream limits() {
    return Stream.of(LIMITS).flatMapToLong(file -> limit(root.resolve(file)).stream());
  }

  /** A control group's limit in bytes; none if there is no such group or it says "max". */
  private static OptionalLong limit(Path file) {
    try {
      return positive(Files.readString(file).strip());
    } catch (IOException _) {
      return OptionalLong.empty();
    }
  }

  /** A field of {@code proc/meminfo}, whose "kB" are units of 1024 bytes. */
  private OptionalLong kilobytes(String name) {
    OptionalLong value =
        field("proc/meminfo", name)
            .filter(text -> text.endsWith(" kB"))
            .map(text -> positive(text.substring(0, text.length() - 3).strip()))
            .orElse(OptionalLong.empty());
    return value.stream().filter(n -> n <= Long.MAX_VALUE / 1024).map(n -> n * 1024).findAny();
  }

  private static OptionalLong positive(String text) {
    try {
      long value = Long.parseLong(text);
      return value > 0 ? OptionalLong.of(value) : OptionalLong.empty();
    } catch (NumberFormatException _) {
      return OptionalLong.empty();
    }
  }

  /** The value after the colon of the first line with this name. */
  private Optional<String> field(String file, String name) {
    try (Stream<String> lines = Files.lines(root.resolve(file))) {
      return lines
          .filter(line -> line.indexOf(':') >= 0)
          .filter(line -> line.substring(0, line.indexOf(':')).strip().equals(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .filter(value -> !value.isEmpty())
          .findFirst();
    } catch (IOException | UncheckedIOException _) {
      return Optional.empty();
    }
  }
}
