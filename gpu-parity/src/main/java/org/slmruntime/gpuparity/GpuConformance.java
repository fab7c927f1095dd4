package org.slmruntime.gpuparity;

import org.slmruntime.backend.spi.Backend;
import org.slmruntime.cuda.CudaBackend;
import org.slmruntime.cuda.CudaSettings;
import org.slmruntime.tensor.DType;
import org.slmruntime.testkit.BackendConformance;

/** Every operation and format on the real driver, by our own kernels alone. */
public final class GpuConformance extends BackendConformance {
  @Override
  protected Backend open() {
    return new CudaBackend(Gpu.open(), CudaSettings.defaults().withoutLibrary());
  }

  /** Inputs have 16 bits. */
  @Override
  protected double productLimit(DType type, int tokens) {
    return type.blockElements() == 1 ? limit() : 5e-4;
  }

  @Override
  protected double modelLimit(DType type) {
    return 5e-4;
  }

  /** Other kernels take over at nine tokens, or at five. */
  @Override
  protected boolean batchInvariant() {
    return false;
  }
}
