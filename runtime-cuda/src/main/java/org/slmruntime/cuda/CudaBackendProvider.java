package org.slmruntime.cuda;

import java.util.Map;
import org.slmruntime.backend.spi.Availability;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.BackendProvider;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.GpuException;
import org.slmruntime.cuda.driver.JavaCppDriver;
import org.slmruntime.cuda.driver.SynchronousDriver;
import org.slmruntime.cuda.kernel.GpuSelfTest;
import org.slmruntime.natives.CudaHost;
import org.slmruntime.natives.CudaProbe;

/**
 * Opens NVIDIA GPUs. Probing asks the driver alone: the native bindings are loaded when a device is
 * opened, which was found usable then.
 */
public final class CudaBackendProvider implements BackendProvider {
  /** Opens a device by its index. */
  @FunctionalInterface
  interface Opener {
    GpuDriver open(CudaHost host, int device);
  }

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
    return switch (CudaProbe.probe()) {
      // Nothing else matters then, and to look for it is a tenth of what a short command takes.
      case CudaProbe.Missing(String reason) -> new Availability.Unavailable(reason);
      case CudaProbe.Found found -> availability(CudaHost.of(found));
    };
  }

  static Availability availability(CudaHost host) {
    return switch (host.choose(BackendOptions.ANY_DEVICE)) {
      case CudaHost.Refused(String reason) -> new Availability.Unavailable(reason);
      case CudaHost.Chosen chosen ->
          new Availability.Available(
              chosen.device().name(), chosen.device().memoryBytes(), host.facts());
    };
  }

  @Override
  public Map<String, String> details() {
    return CudaHost.probeMemory().facts();
  }

  /**
   * Opens a device and tries a few kernels on it.
   *
   * @throws BackendException if there is none, it cannot be opened, or it computes wrongly
   */
  @Override
  public Backend open(BackendOptions options) {
    return open(options, CudaHost.probe(), JavaCppDriver::open);
  }

  static Backend open(BackendOptions options, CudaHost host, Opener opener) {
    return switch (host.choose(options.device())) {
      case CudaHost.Refused(String reason) ->
          throw new BackendException("backend cuda cannot be used: " + reason);
      case CudaHost.Chosen chosen -> {
        GpuDriver driver = open(host, chosen.index(), opener);
        yield backend(options.gpuSync() ? new SynchronousDriver(driver) : driver);
      }
    };
  }

  private static GpuDriver open(CudaHost host, int device, Opener opener) {
    try {
      return opener.open(host, device);
    } catch (GpuException e) {
      throw new BackendException("backend cuda cannot be used: " + e.getMessage(), e);
    }
  }

  /** Closes the driver if it does not become a backend. */
  private static Backend backend(GpuDriver driver) {
    try {
      driver.makeCurrent();
      GpuSelfTest.run(driver);
      return new CudaBackend(driver);
    } catch (RuntimeException e) {
      driver.close();
      throw e;
    }
  }
}
