package org.slmruntime.cuda;

import java.util.Map;
import org.slmruntime.backend.spi.Availability;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.BackendProvider;
import org.slmruntime.natives.CudaHost;
import org.slmruntime.natives.CudaProbe;

/**
 * Probes for NVIDIA GPUs. This release has no CUDA kernels, so that it is never available; what it
 * finds is said in the reason.
 */
public final class CudaBackendProvider implements BackendProvider {
  @Override
  public String id() {
    return "cuda";
  }

  @Override
  public int priority() {
    return 100;
  }

  @Override
  public Availability probe() {
    return availability(CudaProbe.probe());
  }

  static Availability.Unavailable availability(CudaProbe probe) {
    return switch (probe) {
      case CudaProbe.Missing missing -> new Availability.Unavailable(missing.reason());
      case CudaProbe.Found found ->
          new Availability.Unavailable(
              "found "
                  + found.devices().getFirst().name()
                  + " (driver for CUDA "
                  + found.driverVersion() / 1000
                  + "."
                  + found.driverVersion() % 1000 / 10
                  + "), but this release has no CUDA kernels yet");
    };
  }

  @Override
  public Map<String, String> details() {
    return CudaHost.probeMemory().facts();
  }

  @Override
  public Backend open(BackendOptions options) {
    String reason = availability(CudaProbe.probe()).reason();
    throw new BackendException("backend cuda cannot be used: " + reason);
  }
}
