package org.slmruntime.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NativePlatformTest {
  @ParameterizedTest
  @ValueSource(strings = {"2.34", "2.36", "2.100", "3.0", "unreadable"})
  void acceptsARecentCLibrary(String glibc) {
    assertEquals(Optional.empty(), linux(Optional.of(glibc), false).problem());
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.33", "2.17", "1.99"})
  void refusesAnOldCLibraryByItsVersion(String glibc) {
    String problem = linux(Optional.of(glibc), false).problem().orElseThrow();
    assertTrue(problem.contains("need glibc 2.34"), problem);
    assertTrue(problem.contains("has glibc " + glibc), problem);
  }

  @Test
  void refusesAnotherCLibrary() {
    String problem = linux(Optional.empty(), false).problem().orElseThrow();
    assertTrue(problem.contains("another C library"), problem);
  }

  @Test
  void saysThatEarlyBindingMustBeOff() {
    String problem = linux(Optional.of("2.36"), true).problem().orElseThrow();
    assertTrue(problem.contains("LD_BIND_NOW") && problem.contains("unset"), problem);
  }

  @ParameterizedTest
  @CsvSource({"Linux, aarch64", "Mac OS X, aarch64", "Windows 11, amd64"})
  void namesAPlatformWithoutBindings(String system, String architecture) {
    String problem =
        new NativePlatform(system, architecture, Optional.of("2.36"), false)
            .problem()
            .orElseThrow();
    assertTrue(problem.contains(system + " on " + architecture), problem);
  }

  @Test
  void readsTheVersionOfThisMachinesCLibrary() {
    NativePlatform here = NativePlatform.probe();
    here.glibc().ifPresent(version -> assertTrue(version.matches("\\d+\\.\\d+.*"), version));
    assertEquals(System.getProperty("os.name"), here.system());
  }

  private static NativePlatform linux(Optional<String> glibc, boolean bindNow) {
    return new NativePlatform("Linux", "amd64", glibc, bindNow);
  }
}
