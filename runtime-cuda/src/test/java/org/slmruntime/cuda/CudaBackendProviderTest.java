package org.slmruntime.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.slmruntime.backend.reference.ReferenceBackendProvider;
import org.slmruntime.backend.spi.Availability;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.BackendProvider;
import org.slmruntime.cuda.driver.ForwardingDriver;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.GpuException;
import org.slmruntime.cuda.testing.DeviceOptions;
import org.slmruntime.cuda.testing.InterpretedDriver;
import org.slmruntime.natives.CudaHost;
import org.slmruntime.natives.CudaLibraries;
import org.slmruntime.natives.CudaProbe;

class CudaBackendProviderTest {
  private static final int CPU_PRIORITY = 50;
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final CudaBackendProvider provider = new CudaBackendProvider();
  private final InterpretedDriver driver = new InterpretedDriver(DeviceOptions.checked(seed));

  private static CudaProbe.Device device(String name, Optional<String> problem) {
    return new CudaProbe.Device(name, 80L << 30, OptionalLong.empty(), 90, 132, problem);
  }

  private static CudaLibraries.Answer found(String name) {
    return new CudaLibraries.Found(name, Path.of("/somewhere", name), "a test");
  }

  private static CudaLibraries.Answer missing(String name) {
    return new CudaLibraries.Missing(name, name + " was not found anywhere");
  }

  private static CudaHost host(CudaProbe probe, CudaLibraries.Answer cudart) {
    CudaLibraries libraries =
        new CudaLibraries(cudart, missing("libcublas.so.13"), found("libcublasLt.so.13"));
    return new CudaHost(probe, libraries, Optional.empty());
  }

  private static CudaHost host(int version, CudaProbe.Device... devices) {
    return host(
        new CudaProbe.Found("libcuda.so.1", version, List.of(devices)), found("libcudart.so.13"));
  }

  private static final CudaHost GOOD =
      host(
          13000,
          device("Old GPU", Optional.of("it is too old")),
          device("Good GPU", Optional.empty()));

  private static String reason(CudaHost host) {
    return assertInstanceOf(Availability.Unavailable.class, CudaBackendProvider.availability(host))
        .reason();
  }

  private Backend open(BackendOptions options) {
    return CudaBackendProvider.open(options, GOOD, (_, _) -> driver);
  }

  @Test
  void isFoundByTheServiceLoaderUnderItsId() {
    long found =
        ServiceLoader.load(BackendProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(p -> p instanceof CudaBackendProvider && p.id().equals("cuda"))
            .count();
    assertEquals(1, found);
  }

  @Test
  void isTriedBeforeEveryProcessorBackend() {
    assertTrue(provider.priority() > CPU_PRIORITY);
    assertTrue(provider.priority() > new ReferenceBackendProvider().priority());
  }

  @Test
  void answersForThisMachineWhatThisMachineHas() {
    assertEquals(CudaBackendProvider.availability(CudaHost.probe()), provider.probe());
    assertTrue(provider.details().containsKey("cudart"), provider.details()::toString);
  }

  @Test
  void offersTheFirstUsableDeviceWithWhatWasFound() {
    Availability.Available available =
        assertInstanceOf(Availability.Available.class, CudaBackendProvider.availability(GOOD));
    assertEquals("Good GPU", available.device());
    assertEquals(80L << 30, available.memoryBytes());
    assertEquals("libcuda.so.1, CUDA 13.0", available.facts().get("driver"));
    String second = available.facts().get("device 1");
    assertTrue(second.contains("compute capability 9.0, 132 SMs"), second);
    String cublas = available.facts().get("cublas");
    assertTrue(cublas.contains("libcublas.so.13 was not found anywhere"), cublas);
  }

  @Test
  void isUnavailableForTheReasonThatWasFound() {
    CudaProbe none = new CudaProbe.Missing("no NVIDIA driver");
    assertEquals("no NVIDIA driver", reason(host(none, found("libcudart.so.13"))));
    CudaProbe some = GOOD.driver();
    assertEquals(
        "libcudart.so.13 was not found anywhere", reason(host(some, missing("libcudart.so.13"))));
    String old = reason(host(11080, device("GPU", Optional.empty())));
    assertTrue(old.contains("11.8") && old.contains("12.0"), old);
    String unfit = reason(host(13000, device("Old GPU", Optional.of("it is too old"))));
    assertTrue(unfit.contains("Old GPU: it is too old"), unfit);
    CudaHost musl = new CudaHost(some, GOOD.libraries(), Optional.of("needs glibc"));
    assertEquals("needs glibc", reason(musl));
  }

  @Test
  void opensTheDeviceThatWasChosenAfterTestingIt() {
    int[] index = new int[1];
    Backend backend =
        CudaBackendProvider.open(
            BackendOptions.defaults(),
            GOOD,
            (_, device) -> {
              index[0] = device;
              return driver;
            });
    assertEquals(1, index[0]);
    for (String kernel : List.of("add", "gemv_q8_0_1", "prepare_int16", "gemm_q8_0", "argmax")) {
      assertEquals(1, driver.log().count(kernel), kernel);
    }
    assertTrue(driver.isEmpty(), "the test must leave nothing behind");
    assertTrue(backend.description().contains("interpreter"), backend.description());
    backend.close();
    assertTrue(driver.isClosed());
  }

  @Test
  void refusesDevicesThatThereAreNotOrThatAreUnfit() {
    for (int device : new int[] {0, 2}) {
      BackendException e =
          assertThrows(BackendException.class, () -> open(new BackendOptions(0, device)));
      String start = "backend cuda cannot be used: ";
      assertTrue(e.getMessage().startsWith(start), e.getMessage());
      assertTrue(e.getMessage().contains(device == 0 ? "too old" : "no device 2"), e.getMessage());
    }
  }

  @Test
  void saysWhyADeviceCannotBeOpened() {
    BackendException e =
        assertThrows(
            BackendException.class,
            () ->
                CudaBackendProvider.open(
                    BackendOptions.defaults(),
                    GOOD,
                    (_, _) -> {
                      throw new GpuException("cuInit: broken (999)", 999);
                    }));
    assertEquals("backend cuda cannot be used: cuInit: broken (999)", e.getMessage());
  }

  /** Changes one bit of what comes down in one of the downloads. */
  private static final class FaultyDriver extends ForwardingDriver {
    private int untilFault;

    FaultyDriver(GpuDriver driver, int nth) {
      super(driver);
      untilFault = nth;
    }

    @Override
    public void download(MemorySegment to, long from, long bytes) {
      super.download(to, from, bytes);
      if (--untilFault == 0) {
        int bits = to.get(ValueLayout.JAVA_INT_UNALIGNED, bytes - 4);
        to.set(ValueLayout.JAVA_INT_UNALIGNED, bytes - 4, bits ^ 1);
      }
    }
  }

  @Test
  void refusesAGpuThatGivesWrongResultsAndClosesIt() {
    List<String> kernels = List.of("add", "gemv_q8_0_1", "gemm_q8_0", "argmax");
    for (int i = 0; i < kernels.size(); i++) {
      InterpretedDriver device = new InterpretedDriver(DeviceOptions.checked(seed));
      GpuDriver faulty = new FaultyDriver(device, i + 1);
      BackendException e =
          assertThrows(
              BackendException.class,
              () -> CudaBackendProvider.open(BackendOptions.defaults(), GOOD, (_, _) -> faulty));
      String start = "the GPU gives wrong results: kernel " + kernels.get(i) + " gave ";
      assertTrue(e.getMessage().startsWith(start), e.getMessage());
      assertTrue(device.isClosed());
      assertTrue(device.isEmpty());
    }
  }

  @Test
  void namesTheKernelThatFailsIfAskedTo() {
    driver.failKernel(2);
    BackendException e =
        assertThrows(
            BackendException.class,
            () -> open(new BackendOptions(0, BackendOptions.ANY_DEVICE, true)));
    assertTrue(e.getMessage().startsWith("kernel gemv_q8_0_1 with Grid["), e.getMessage());
    assertTrue(driver.isClosed());
    assertFalse(e.getMessage().contains("wrong results"), e.getMessage());
  }
}
