package org.slmruntime.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostFilesTest {
  private static final String MEMORY_INFO =
      """
      MemTotal:       16384000 kB
      MemFree:          100000 kB
      MemAvailable:    8192000 kB
      """;

  @TempDir Path root;

  @Test
  void readsTheNameOfTheFirstProcessor() throws IOException {
    write(
        "proc/cpuinfo",
        "processor\t: 0\nmodel\t\t: 85\nmodel name\t: Xeon @ 2.7: GHz\n\nmodel name\t: other\n");
    assertEquals(Optional.of("Xeon @ 2.7: GHz"), files().processorName());
  }

  @Test
  void findsNoProcessorNameWhereTheArchitectureGivesNone() throws IOException {
    write("proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x41\nmodel name\t:\nmodel name\n");
    assertEquals(Optional.empty(), files().processorName());
  }

  @Test
  void countsThreadsOfOneCoreOnce() throws IOException {
    write("proc/self/status", "Name:\tjava\nCpus_allowed_list:\t0-2,6\n");
    siblings(0, "0,4");
    siblings(1, "1,5");
    siblings(2, "2,6");
    siblings(6, "2,6");
    assertEquals(OptionalInt.of(3), files().physicalCores());
  }

  @Test
  void countsOnlyCoresThatTheProcessMayRunOn() throws IOException {
    write("proc/self/status", "Cpus_allowed_list:\t3\n");
    siblings(2, "2-3");
    siblings(3, "2-3");
    siblings(4, "4-5");
    assertEquals(OptionalInt.of(1), files().physicalCores());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Cpus_allowed_list:\t0-1\n", "Cpus_allowed_list:\tx\n", "Name:\tjava\n"})
  void countsNoCoresWhereTheTopologyIsNotTold(String status) throws IOException {
    write("proc/self/status", status);
    siblings(0, "0");
    assertEquals(OptionalInt.empty(), files().physicalCores());
  }

  private void siblings(int processor, String list) throws IOException {
    write("sys/devices/system/cpu/cpu" + processor + "/topology/thread_siblings_list", list + "\n");
  }

  @Test
  void readsTotalAndAvailableMemoryInUnitsOf1024Bytes() throws IOException {
    write("proc/meminfo", MEMORY_INFO);
    assertEquals(OptionalLong.of(16_384_000L * 1024), files().memory());
    assertEquals(OptionalLong.of(8_192_000L * 1024), files().availableMemory());
  }

  @Test
  void respectsTheLimitOfAVersion2ControlGroup() throws IOException {
    write("proc/meminfo", MEMORY_INFO);
    write("sys/fs/cgroup/memory.max", "1073741824\n");
    assertEquals(OptionalLong.of(1L << 30), files().memory());
    assertEquals(OptionalLong.of(1L << 30), files().availableMemory());
  }

  @Test
  void respectsTheLimitOfAVersion1ControlGroup() throws IOException {
    write("proc/meminfo", MEMORY_INFO);
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "10737418240\n");
    assertEquals(OptionalLong.of(10L << 30), files().memory());
    assertEquals(OptionalLong.of(8_192_000L * 1024), files().availableMemory());
  }

  @ParameterizedTest
  @ValueSource(strings = {"max\n", "9223372036854771712\n", "", "-1", "0", "12 34", "1e9"})
  void ignoresAControlGroupWithoutAUsableLimit(String text) throws IOException {
    write("proc/meminfo", MEMORY_INFO);
    write("sys/fs/cgroup/memory.max", text);
    assertEquals(OptionalLong.of(16_384_000L * 1024), files().memory());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "MemTotal",
        "MemTotal:",
        "MemTotal: kB",
        "MemTotal: many kB",
        "MemTotal: -5 kB",
        "MemTotal: 5 MB",
        "MemTotal: 9223372036854775807 kB",
        "MemTotal: 99999999999999999999 kB",
        "MemTotalOther: 5 kB"
      })
  void findsNoMemoryInATextThatIsNotAsExpected(String text) throws IOException {
    write("proc/meminfo", text);
    assertEquals(OptionalLong.empty(), files().memory());
  }

  @Test
  void findsNothingInBytesThatAreNoText() throws IOException {
    Path file = root.resolve("proc/meminfo");
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, '\n', 'M'});
    assertEquals(OptionalLong.empty(), files().memory());
  }

  @Test
  void findsNothingWhereThereAreNoFiles() {
    assertEquals(Optional.empty(), files().processorName());
    assertEquals(OptionalLong.empty(), files().memory());
    assertEquals(OptionalLong.empty(), files().availableMemory());
  }

  private HostFiles files() {
    return new HostFiles(root);
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
