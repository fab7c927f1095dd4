package org.slmruntime.gpuparity;

import org.slmruntime.cuda.driver.GpuDriver;

/** The same with the real driver and the real cuBLAS. */
public final class GpuLibraryConformance extends LibraryConformance {
  @Override
  protected GpuDriver driver() {
    return Gpu.open();
  }
}
