package org.slmruntime.cuda.run;

import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.cuda.kernel.GpuKernels;

/**
 * A place that launches a kernel. Its arguments are made once; numbers that change are set before
 * the launch. A launch is prepared for the last grid only: decode steps keep theirs, and so do the
 * chunks of a long prompt, so that a new one (a small object) is rarely needed.
 */
final class Site {
  private final GpuDriver driver;
  private final GpuKernels kernels;
  private final KernelArguments arguments;
  private final int blockX;
  private final int blockY;
  private GpuDriver.Launch launch;
  private int x;
  private int y;
  private int z;

  Site(GpuDriver driver, GpuKernels kernels, KernelArguments arguments, int blockX, int blockY) {
    this.driver = driver;
    this.kernels = kernels;
    this.arguments = arguments;
    this.blockX = blockX;
    this.blockY = blockY;
    // Loads the module now; later a stream may be recorded.
    prepare(1, 1, 1);
  }

  KernelArguments arguments() {
    return arguments;
  }

  void launch(long stream, int gridX, int gridY, int gridZ) {
    if (gridX != x || gridY != y || gridZ != z) {
      prepare(gridX, gridY, gridZ);
    }
    driver.launch(launch, stream);
  }

  private void prepare(int gridX, int gridY, int gridZ) {
    Grid grid = new Grid(gridX, gridY, gridZ, blockX, blockY, 1);
    launch = kernels.bind(grid, arguments);
    x = gridX;
    y = gridY;
    z = gridZ;
  }
}
