package org.slmruntime.cuda.driver;

import org.junit.jupiter.api.Assumptions;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.cuda.testing.GpuDriverContract;
import org.slmruntime.natives.CudaHost;

/** Skipped where there is no GPU. */
class JavaCppDriverContractTest extends GpuDriverContract {
  @Override
  protected GpuDriver open(long seed) {
    CudaHost host = CudaHost.probe();
    return switch (host.choose(BackendOptions.ANY_DEVICE)) {
      case CudaHost.Refused(String reason) -> {
        Assumptions.abort(reason);
        yield null;
      }
      case CudaHost.Chosen chosen -> JavaCppDriver.open(host, chosen.index());
    };
  }
}
