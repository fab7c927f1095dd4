package org.slmruntime.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CudaProbeTest {
  private static final List<String> LIBRARIES = List.of("first.so", "/second.so", "/third.so");

  @Test
  void answersWithoutADriverByNamingTheLibrary() {
    CudaProbe probe = CudaProbe.probe();
    Assumptions.assumeTrue(probe instanceof CudaProbe.Missing, "this machine has a driver");
    String reason = ((CudaProbe.Missing) probe).reason();
    assertTrue(reason.contains("libcuda.so.1"), reason);
    assertFalse(reason.contains("\n"), reason);
  }

  @Test
  void letsTheLoaderSearchBeforeItTriesPaths() {
    assertEquals("libcuda.so.1", CudaProbe.LIBRARIES.getFirst());
    for (String library : CudaProbe.LIBRARIES.subList(1, CudaProbe.LIBRARIES.size())) {
      assertTrue(library.startsWith("/") && library.endsWith("/libcuda.so.1"), library);
    }
  }

  @Test
  void namesTheLibraryWhenItIsInNoneOfThePlaces() {
    List<String> tried = new ArrayList<>();
    CudaSearch search =
        new CudaSearch(
            (library, _) -> {
              tried.add(library);
              return Optional.empty();
            },
            false);
    CudaProbe.Missing missing = assertInstanceOf(CudaProbe.Missing.class, search.probe(LIBRARIES));
    assertEquals(LIBRARIES, tried);
    assertEquals(
        "no NVIDIA driver: first.so was not found; install NVIDIA's driver 580 or newer",
        missing.reason());
  }

  @Test
  void stopsAtTheFirstLibraryThatLoads() {
    FakeDriver driver = new FakeDriver();
    List<String> tried = new ArrayList<>();
    CudaSearch search =
        new CudaSearch(
            (library, arena) -> {
              tried.add(library);
              return library.equals("/second.so")
                  ? Optional.of(driver.symbols(arena))
                  : Optional.empty();
            },
            false);
    CudaProbe.Found found = assertInstanceOf(CudaProbe.Found.class, search.probe(LIBRARIES));
    assertEquals("/second.so", found.library());
    assertEquals(LIBRARIES.subList(0, 2), tried);
  }

  @Test
  void describesEveryDeviceAsTheDriverDoes() {
    CudaProbe.Found found =
        assertInstanceOf(CudaProbe.Found.class, probe(new FakeDriver().devices(2)));
    assertEquals(13020, found.driverVersion());
    assertEquals(
        List.of(
            device("Test GPU 0", FakeDriver.MEMORY, 86, 100),
            device("Test GPU 1", FakeDriver.MEMORY + 1, 96, 101)),
        found.devices());
    assertEquals(
        "Test GPU 0, compute capability 8.6, 100 SMs, 80.0 GiB", found.devices().getFirst().told());
  }

  private static CudaProbe.Device device(String name, long bytes, int capability, int sms) {
    return new CudaProbe.Device(
        name, bytes, OptionalLong.empty(), capability, sms, Optional.empty());
  }

  @Test
  void saysWhyADeviceCannotBeUsed() {
    CudaProbe.Device old = firstDevice(new FakeDriver().attribute(75, 7).attribute(76, 5), false);
    assertTrue(old.told().contains("7.5 is below 8.0"), old::told);
    CudaProbe.Device prohibited = firstDevice(new FakeDriver().attribute(20, 2), false);
    assertTrue(prohibited.told().contains("nvidia-smi -i 0 -c DEFAULT"), prohibited::told);
  }

  @Test
  void asksForFreeMemoryInAContextThatItGivesBack() {
    FakeDriver driver = new FakeDriver();
    CudaProbe.Device device = firstDevice(driver, true);
    assertEquals(OptionalLong.of(FakeDriver.FREE), device.freeBytes());
    assertEquals(0, driver.retained + driver.pushed);
    assertTrue(device.told().contains("80.0 GiB, 79.0 GiB free"), device::told);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuDevicePrimaryCtxRetain", "cuCtxPushCurrent_v2", "cuMemGetInfo_v2"})
  void takesADeviceThatGivesNoContextForUnusable(String function) {
    FakeDriver driver = new FakeDriver().failing(function, 46);
    CudaProbe.Device device = firstDevice(driver, true);
    assertTrue(device.told().contains(function + " returned error 46"), device::told);
    assertEquals(0, driver.retained + driver.pushed);
  }

  @Test
  void makesNoContextForADeviceThatCannotBeUsed() {
    FakeDriver driver = new FakeDriver().attribute(20, 2).failing("cuDevicePrimaryCtxRetain", 999);
    assertFalse(firstDevice(driver, true).told().contains("999"));
  }

  private static CudaProbe.Device firstDevice(FakeDriver driver, boolean memory) {
    CudaSearch search = new CudaSearch((_, arena) -> Optional.of(driver.symbols(arena)), memory);
    return assertInstanceOf(CudaProbe.Found.class, search.probe(LIBRARIES)).devices().getFirst();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MAX_VALUE})
  void refusesAnImpossibleNumberOfDevices(int devices) {
    String reason = reason(new FakeDriver().devices(devices));
    assertTrue(reason.contains("first.so"), reason);
    assertTrue(reason.contains(" " + devices + " devices"), reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cuInit",
        "cuDriverGetVersion",
        "cuDeviceGetCount",
        "cuDeviceGetName",
        "cuDeviceTotalMem_v2",
        "cuDeviceGetAttribute"
      })
  void namesTheCallThatFailedOrIsAbsent(String function) {
    String failed = reason(new FakeDriver().failing(function, 999));
    assertTrue(failed.contains(function + " returned error 999"), failed);
    assertTrue(failed.contains("first.so"), failed);
    String absent = reason(new FakeDriver().without(function));
    assertTrue(absent.contains("no function " + function), absent);
  }

  @ParameterizedTest
  @CsvSource({
    "34, stub",
    "100, visible",
    "803, different versions",
    "804, compatibility",
    "4711, CUresult"
  })
  void saysWhatAnErrorCodeMeans(int code, String word) {
    String reason = reason(new FakeDriver().failing("cuInit", code));
    assertTrue(reason.contains("error " + code + " ("), reason);
    assertTrue(reason.contains(word), reason);
  }

  @Test
  void loadsNothingFromAFileThatIsNoLibrary(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("libcuda.so.1"), "not a library");
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(Optional.empty(), CudaSearch.load(file.toString(), arena));
      assertEquals(Optional.empty(), CudaSearch.load(folder.resolve("absent").toString(), arena));
    }
  }

  private static CudaProbe probe(FakeDriver driver) {
    return new CudaSearch((_, arena) -> Optional.of(driver.symbols(arena)), false).probe(LIBRARIES);
  }

  private static String reason(FakeDriver driver) {
    return assertInstanceOf(CudaProbe.Missing.class, probe(driver)).reason();
  }
}
