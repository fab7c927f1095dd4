package org.slmruntime.cuda.testing;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.GpuDriver.Launch;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.cuda.kernel.GpuKernels;

/** Arrays of floats on a device and the kernel that scales them, for tests of drivers. */
final class SmallKernels implements AutoCloseable {
  static final int SIZE = 40;

  private final Arena arena = Arena.ofShared();
  private final GpuDriver driver;
  private final GpuKernels kernels;

  SmallKernels(GpuDriver driver) {
    this.driver = driver;
    this.kernels = new GpuKernels(driver);
  }

  static float[] filled(float value) {
    float[] values = new float[SIZE];
    Arrays.fill(values, value);
    return values;
  }

  long array(float value) {
    long address = driver.allocate(4L * SIZE);
    put(address, value);
    return address;
  }

  void put(long address, float value) {
    driver.upload(address, MemorySegment.ofArray(filled(value)), 4L * SIZE);
  }

  float[] get(long address) {
    float[] values = new float[SIZE];
    driver.download(MemorySegment.ofArray(values), address, 4L * SIZE);
    return values;
  }

  /** Arguments of y = factor * x. */
  KernelArguments scale(long x, float factor, long y) {
    return kernels
        .arguments("scale", arena)
        .set("x", x)
        .set("factor", factor)
        .set("y", y)
        .set("width", SIZE);
  }

  Launch bind(KernelArguments arguments) {
    return kernels.bind(new Grid(1, 1, 1, 256, 1, 1), arguments);
  }

  @Override
  public void close() {
    kernels.close();
    arena.close();
  }
}
