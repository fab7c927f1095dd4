package org.slmruntime.gpuparity;

import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.JavaCppDriver;
import org.slmruntime.natives.CudaHost;

/** The machine's GPU. */
final class Gpu {
  private Gpu() {}

  /**
   * Opens the first that can be used.
   *
   * @throws BackendException if there is none, with the reason
   */
  static GpuDriver open() {
    CudaHost host = CudaHost.probe();
    return switch (host.choose(BackendOptions.ANY_DEVICE)) {
      case CudaHost.Chosen chosen -> JavaCppDriver.open(host, chosen.index());
      case CudaHost.Refused refused -> throw new BackendException(refused.reason());
    };
  }
}
