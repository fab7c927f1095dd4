package org.slmruntime.cuda;

import org.slmruntime.backend.spi.Backend;
import org.slmruntime.cuda.testing.DeviceOptions;
import org.slmruntime.tensor.DType;
import org.slmruntime.testkit.BackendConformance;

/** Our own kernels alone. */
class CudaConformanceTest extends BackendConformance {
  @Override
  protected Backend open() {
    return InterpretedProvider.backend(DeviceOptions.checked(System.nanoTime()).withoutGemm());
  }

  /**
   * Inputs have 16 bits, whose steps are 1e-4 of what is usual; a product may be of so few numbers
   * that their errors do not cancel out.
   */
  @Override
  protected double productLimit(DType type, int tokens) {
    return type.blockElements() == 1 ? limit() : 5e-4;
  }

  @Override
  protected double modelLimit(DType type) {
    return type.blockElements() == 1 ? super.modelLimit(type) : 5e-4;
  }

  /** All of them take minutes; CI asks for that. */
  @Override
  protected boolean drawsCombinations() {
    return !Boolean.getBoolean("slm.test.exhaustive");
  }

  /**
   * From 65 tokens on there are four parts, from 513 on 16, which is nothing to the cache's type.
   */
  @Override
  protected int longPast(DType kvType) {
    return kvType == DType.F16 && !drawsCombinations() ? 512 : 128;
  }

  /** Other kernels take over at nine tokens, or at five. */
  @Override
  protected boolean batchInvariant() {
    return false;
  }
}
