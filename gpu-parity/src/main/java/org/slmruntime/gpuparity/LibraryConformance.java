package org.slmruntime.gpuparity;

import org.junit.jupiter.api.Assumptions;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.cuda.CudaBackend;
import org.slmruntime.cuda.CudaSettings;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.tensor.DType;
import org.slmruntime.testkit.BackendConformance;

/** Every operation and format with cuBLAS from nine tokens on, which rounds to bfloat16. */
abstract class LibraryConformance extends BackendConformance {
  private static final int LIBRARY_TOKENS = 9;

  /** Both factors have 8 bits. */
  private static final double BF16 = 1e-2;

  /** Opens the device. */
  protected abstract GpuDriver driver();

  @Override
  protected final Backend open() {
    GpuDriver driver = driver();
    String missing = driver.gemm().missing();
    boolean here = driver.gemm().library().isPresent();
    if (!here) {
      driver.close();
    }
    Assumptions.assumeTrue(here, missing);
    return new CudaBackend(
        driver, CudaSettings.defaults().withHeadroom(0).withLibraryTokens(LIBRARY_TOKENS));
  }

  @Override
  protected double productLimit(DType type, int tokens) {
    boolean rounded = tokens >= LIBRARY_TOKENS && type != DType.F32;
    return rounded ? BF16 : type.blockElements() == 1 ? limit() : 5e-4;
  }

  @Override
  protected double modelLimit(DType type) {
    return 2 * BF16;
  }

  /** The library takes over at nine tokens. */
  @Override
  protected boolean batchInvariant() {
    return false;
  }
}
