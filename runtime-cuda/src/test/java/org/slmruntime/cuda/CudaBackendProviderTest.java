package org.slmruntime.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.slmruntime.backend.reference.ReferenceBackendProvider;
import org.slmruntime.backend.spi.Availability;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.BackendProvider;
import org.slmruntime.natives.CudaProbe;

class CudaBackendProviderTest {
  private static final int CPU_PRIORITY = 50;
  private final CudaBackendProvider provider = new CudaBackendProvider();

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
  void isUnavailableForTheReasonThatTheProbeFound() {
    String reason = assertInstanceOf(Availability.Unavailable.class, provider.probe()).reason();
    switch (CudaProbe.probe()) {
      case CudaProbe.Missing missing -> assertEquals(missing.reason(), reason);
      case CudaProbe.Found found -> {
        assertTrue(reason.contains(found.devices().getFirst().name()), reason);
        assertTrue(reason.contains("no CUDA kernels"), reason);
      }
    }
  }

  @Test
  void namesTheGpuAndDriverItCannotUseYet() {
    CudaProbe.Found found =
        new CudaProbe.Found(
            "libcuda.so.1",
            13020,
            List.of(
                new CudaProbe.Device(
                    "Test GPU", 80L << 30, OptionalLong.empty(), 90, 132, Optional.empty())));
    String reason =
        assertInstanceOf(Availability.Unavailable.class, CudaBackendProvider.availability(found))
            .reason();
    assertTrue(reason.contains("Test GPU (driver for CUDA 13.2)"), reason);
  }

  @Test
  void refusesToOpenWithTheProbesReason() {
    BackendException e =
        assertThrows(BackendException.class, () -> provider.open(BackendOptions.defaults()));
    String reason = ((Availability.Unavailable) provider.probe()).reason();
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }
}
