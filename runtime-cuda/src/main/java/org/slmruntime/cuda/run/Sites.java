package org.slmruntime.cuda.run;

import java.lang.foreign.Arena;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.kernel.GpuKernels;

/**
 * Makes places to launch from.
 *
 * @param arena of their arguments
 */
record Sites(GpuDriver driver, GpuKernels kernels, Arena arena) {
  Site of(String entry, int threads) {
    return of(entry, threads, 1);
  }

  Site of(String entry, int blockX, int blockY) {
    return new Site(driver, kernels, kernels.arguments(entry, arena), blockX, blockY);
  }

  int multiprocessors() {
    return driver.info().multiprocessors();
  }
}
