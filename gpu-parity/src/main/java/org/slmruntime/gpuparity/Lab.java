package org.slmruntime.gpuparity;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.GpuDriver.Launch;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.cuda.kernel.GpuKernels;

/**
 * A device for the time of one case: its memory is given back at the end. Used by the driver's
 * thread.
 */
final class Lab implements AutoCloseable {
  private final GpuDriver driver;
  private final GpuKernels kernels;
  private final Arena arena = Arena.ofConfined();
  private final List<Long> allocated = new ArrayList<>();
  private final long stream;

  /**
   * @param kernels of the same driver; stays open
   */
  Lab(GpuDriver driver, GpuKernels kernels) {
    this.driver = driver;
    this.kernels = kernels;
    this.stream = driver.createStream();
  }

  GpuDriver driver() {
    return driver;
  }

  long stream() {
    return stream;
  }

  /** Memory that nobody has written. */
  long allocate(long bytes) {
    long address = driver.allocate(Math.max(bytes, 1));
    allocated.add(address);
    return address;
  }

  /** Memory filled with zeros. */
  long zeros(long bytes) {
    long address = allocate(bytes);
    driver.fillAsync(address, (byte) 0, Math.max(bytes, 1), stream);
    driver.synchronize(stream);
    return address;
  }

  long upload(float... values) {
    return upload(MemorySegment.ofArray(values));
  }

  long upload(int... values) {
    return upload(MemorySegment.ofArray(values));
  }

  long upload(double... values) {
    return upload(MemorySegment.ofArray(values));
  }

  long upload(byte... values) {
    return upload(MemorySegment.ofArray(values));
  }

  private long upload(MemorySegment values) {
    long address = allocate(values.byteSize());
    driver.upload(address, values, values.byteSize());
    return address;
  }

  byte[] read(long address, long bytes) {
    byte[] values = new byte[Math.toIntExact(bytes)];
    driver.download(MemorySegment.ofArray(values), address, bytes);
    return values;
  }

  /** Prepares a launch; the arguments live as long as this. */
  Launch bind(String entry, Grid grid, UnaryOperator<KernelArguments> arguments) {
    return kernels.bind(grid, arguments.apply(kernels.arguments(entry, arena)));
  }

  /** Launches a kernel and waits for it. */
  void launch(String entry, Grid grid, UnaryOperator<KernelArguments> arguments) {
    driver.launch(bind(entry, grid, arguments), stream);
    driver.synchronize(stream);
  }

  boolean supports(String entry) {
    return kernels.supports(entry);
  }

  @Override
  public void close() {
    allocated.forEach(driver::free);
    driver.destroyStream(stream);
    arena.close();
  }
}
