package org.slmruntime.cuda;

import org.slmruntime.backend.spi.Backend;
import org.slmruntime.cuda.testing.DeviceOptions;
import org.slmruntime.cuda.testing.InterpretedDriver;
import org.slmruntime.testkit.BackendConformance;

/** Our own kernels alone. */
class CudaConformanceTest extends BackendConformance {
  @Override
  protected Backend open() {
    DeviceOptions device = DeviceOptions.fast(System.nanoTime()).withoutGemm();
    return new CudaBackend(
        new InterpretedDriver(device), CudaSettings.defaults().withHeadroom(0));
  }

  /** Inputs of quantized products have 16 bits. */
  @Override
  protected double limit() {
    return 5e-5;
  }

  @Override
  protected boolean batchInvariant() {
    return false;
  }
}
