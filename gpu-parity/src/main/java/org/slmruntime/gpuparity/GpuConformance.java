package org.slmruntime.gpuparity;

import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.cuda.CudaBackendProvider;
import org.slmruntime.testkit.BackendConformance;

/** Every operation and format on the real driver. */
public final class GpuConformance extends BackendConformance {
  @Override
  protected Backend open() {
    return new CudaBackendProvider().open(BackendOptions.defaults());
  }

  /** Inputs of quantized products are rounded to 16 bits. */
  @Override
  protected double limit() {
    return 5e-5;
  }
}
