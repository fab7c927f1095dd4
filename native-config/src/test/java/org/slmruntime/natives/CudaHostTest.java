package org.slmruntime.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.slmruntime.natives.CudaLibraries.Missing;

class CudaHostTest {
  private static final CudaProbe.Device GOOD = device("Good", Optional.empty());
  private static final CudaProbe.Device BAD = device("Bad", Optional.of("too old"));
  private static final CudaLibraries ALL =
      new CudaLibraries(
          found("libcudart.so.13"), found("libcublas.so.13"), found("libcublasLt.so.13"));

  @Test
  void choosesTheFirstDeviceThatCanBeUsed() {
    CudaHost host = host(13000, BAD, GOOD, GOOD);
    assertEquals(new CudaHost.Chosen(1, GOOD), host.choose(-1));
    assertEquals(Optional.empty(), host.problem());
  }

  @Test
  void takesTheDeviceThatWasAskedFor() {
    assertEquals(new CudaHost.Chosen(2, GOOD), host(13000, GOOD, BAD, GOOD).choose(2));
  }

  @Test
  void refusesADeviceWithItsReason() {
    assertEquals("device 1 cannot be used: too old", refusal(host(13000, GOOD, BAD), 1));
    assertEquals("no device can be used: 0 (Bad: too old)", refusal(host(13000, BAD), -1));
  }

  @Test
  void listsTheDevicesWhereThereIsNoSuchDevice() {
    assertEquals(
        "there is no device 2, only 0 (Good), 1 (Bad: too old)",
        refusal(host(13000, GOOD, BAD), 2));
  }

  @Test
  void refusesAnOldDriverWithBothVersions() {
    String reason = host(11080, GOOD).problem().orElseThrow();
    assertTrue(reason.contains("CUDA 11.8") && reason.contains("12.0"), reason);
    assertEquals(Optional.empty(), host(12000, GOOD).problem());
  }

  @Test
  void goesWithoutBlasOnADriverThatIsOlderThanIt() {
    CudaHost host = host(12090, GOOD);
    String reason = host.blasProblem().orElseThrow();
    assertTrue(reason.contains("13.0") && reason.contains("12.9"), reason);
    assertEquals(Optional.empty(), host.problem());
    assertTrue(host.facts().get("cublas").contains(reason), () -> "" + host.facts());
  }

  @Test
  void needsTheRuntimeButNotBlas() {
    CudaProbe driver = new CudaProbe.Found("lib", 13000, List.of(GOOD));
    Missing gone = new Missing("x", "x was not found");
    CudaLibraries noBlas = new CudaLibraries(ALL.cudart(), gone, gone);
    CudaHost host = new CudaHost(driver, noBlas, Optional.empty());
    assertEquals(Optional.empty(), host.problem());
    assertEquals(Optional.of("x was not found"), host.blasProblem());
    CudaLibraries none = new CudaLibraries(gone, ALL.cublas(), ALL.cublasLt());
    assertEquals(
        Optional.of("x was not found"), new CudaHost(driver, none, Optional.empty()).problem());
  }

  @Test
  void saysThatNoBindingCanBeLoaded() {
    CudaProbe driver = new CudaProbe.Found("lib", 13000, List.of(GOOD));
    CudaHost host = new CudaHost(driver, ALL, Optional.of("glibc is old"));
    assertEquals(Optional.of("glibc is old"), host.problem());
    assertEquals("glibc is old", host.facts().get("platform"));
  }

  @Test
  void namesTheMissingDriverFirst() {
    CudaHost host =
        new CudaHost(new CudaProbe.Missing("no driver"), ALL, Optional.of("glibc is old"));
    assertEquals(Optional.of("no driver"), host.problem());
    assertEquals("no driver", refusal(host, 0));
  }

  @Test
  void tellsAllThatWasFoundInAFixedOrder() {
    CudaHost host = host(13020, GOOD, BAD);
    assertEquals(
        List.of("driver", "device 0", "device 1", "platform", "cudart", "cublas"),
        List.copyOf(host.facts().keySet()));
    assertEquals("lib, CUDA 13.2", host.facts().get("driver"));
    assertEquals(BAD.told(), host.facts().get("device 1"));
    assertEquals("/cuda/libcudart.so.13 (rule)", host.facts().get("cudart"));
    assertEquals("/cuda/libcublas.so.13 (rule)", host.facts().get("cublas"));
  }

  private static String refusal(CudaHost host, int device) {
    return assertInstanceOf(CudaHost.Refused.class, host.choose(device)).reason();
  }

  private static CudaHost host(int driverVersion, CudaProbe.Device... devices) {
    CudaProbe driver = new CudaProbe.Found("lib", driverVersion, List.of(devices));
    return new CudaHost(driver, ALL, Optional.empty());
  }

  private static CudaProbe.Device device(String name, Optional<String> problem) {
    return new CudaProbe.Device(name, 80L << 30, OptionalLong.empty(), 90, 132, problem);
  }

  private static CudaLibraries.Found found(String name) {
    return new CudaLibraries.Found(name, Path.of("/cuda", name), "rule");
  }
}
