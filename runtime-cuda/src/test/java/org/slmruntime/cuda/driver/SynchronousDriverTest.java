package org.slmruntime.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slmruntime.cuda.driver.GpuDriver.Launch;
import org.slmruntime.cuda.kernel.GpuKernels;
import org.slmruntime.cuda.testing.DeviceOptions;
import org.slmruntime.cuda.testing.InterpretedDriver;

class SynchronousDriverTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final InterpretedDriver device = new InterpretedDriver(DeviceOptions.checked(seed));
  private final GpuDriver driver = new SynchronousDriver(device);
  private long stream;
  private long x;
  private KernelArguments arguments;
  private Launch launch;

  @BeforeEach
  void open() {
    driver.makeCurrent();
    stream = driver.createStream();
    x = driver.allocate(4);
    driver.upload(x, MemorySegment.ofArray(new float[] {3}), 4);
    GpuKernels kernels = new GpuKernels(driver);
    arguments = kernels.arguments("scale", Arena.ofAuto());
    arguments.set("x", x).set("factor", 2f).set("y", x).set("width", 1);
    launch = kernels.bind(Grid.of(1, 256), arguments);
  }

  @AfterEach
  void close() {
    driver.close();
  }

  private float value() {
    float[] value = new float[1];
    driver.download(MemorySegment.ofArray(value), x, 4);
    return value[0];
  }

  @Test
  void everythingHasRunWhenTheCallReturns() {
    MemorySegment pinned = driver.allocatePinned(4);
    pinned.set(ValueLayout.JAVA_FLOAT, 0, 5);
    driver.uploadAsync(x, pinned, 4, stream);
    pinned.set(ValueLayout.JAVA_FLOAT, 0, 0);
    driver.launch(launch, stream);
    assertEquals(10, value(), () -> "seed " + seed);
    driver.downloadAsync(pinned, x, 4, stream);
    assertEquals(10, pinned.get(ValueLayout.JAVA_FLOAT, 0), () -> "seed " + seed);
    driver.fillAsync(x, (byte) 0, 4, stream);
    assertEquals(0, value(), () -> "seed " + seed);
  }

  @Test
  void aGraphIsRunOneByOneWithItsOwnArguments() {
    driver.beginCapture(stream);
    driver.launch(launch, stream);
    arguments.set("factor", 7f);
    driver.launch(launch, stream);
    long graph = driver.endCapture(stream);
    arguments.set("factor", 100f);
    assertEquals(3, value());
    driver.launchGraph(graph, stream);
    assertEquals(42, value(), () -> "seed " + seed);
    driver.launch(launch, stream);
    assertEquals(4200, value(), () -> "seed " + seed);
    assertEquals(0, device.log().graphLaunches());
    driver.destroyGraph(graph);
  }

  @Test
  void namesWhatFailedInAGraph() {
    long y = driver.allocate(4);
    driver.beginCapture(stream);
    driver.copyAsync(y, x, 4, stream);
    driver.launch(launch, stream);
    long graph = driver.endCapture(stream);
    device.failKernel(1);
    GpuException e = assertThrows(GpuException.class, () -> driver.launchGraph(graph, stream));
    assertTrue(e.getMessage().startsWith("kernel scale with Grid[x=1"), e.getMessage());
    assertEquals(700, e.code());
    assertTrue(e.isSticky());
  }

  @Test
  void waitsForProductsOfTheLibrary() {
    long y = driver.allocate(4);
    driver.gemm().library().orElseThrow().multiplyF32(x, 1, x, y, 1, 1, 1, 1, stream);
    float[] value = new float[1];
    driver.download(MemorySegment.ofArray(value), y, 4);
    assertEquals(9, value[0], () -> "seed " + seed);
  }
}
