package org.slmruntime.cuda.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.slmruntime.cuda.testing.SmallKernels.filled;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slmruntime.cuda.driver.GpuDriver.Launch;
import org.slmruntime.cuda.driver.GpuException;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.ptx.PtxException;

class RecordedGraphTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final InterpretedDriver driver =
      new InterpretedDriver(DeviceOptions.checked(seed).withMemory(1 << 20));
  private final SmallKernels small = new SmallKernels(driver);
  private long stream;
  private long x;
  private KernelArguments arguments;
  private Launch launch;

  @BeforeEach
  void open() {
    driver.makeCurrent();
    stream = driver.createStream();
    x = small.array(3);
    arguments = small.scale(x, 2, x);
    launch = small.bind(arguments);
  }

  @AfterEach
  void close() {
    driver.close();
  }

  private void run(long graph) {
    driver.launchGraph(graph, stream);
    driver.synchronize(stream);
  }

  @Test
  void runsNothingWhileItRecords() {
    driver.beginCapture(stream);
    driver.launch(launch, stream);
    long graph = driver.endCapture(stream);
    driver.synchronize(stream);
    assertArrayEquals(filled(3), small.get(x));
    run(graph);
    run(graph);
    assertArrayEquals(filled(12), small.get(x), () -> "seed " + seed);
    assertEquals(2, driver.log().graphLaunches());
    assertEquals(2, driver.log().count("scale"));
  }

  @Test
  void keepsTheArgumentsThatWereRecorded() {
    driver.beginCapture(stream);
    driver.launch(launch, stream);
    arguments.set("factor", 10f);
    driver.launch(launch, stream);
    long graph = driver.endCapture(stream);
    arguments.set("factor", 1000f);
    run(graph);
    assertArrayEquals(filled(60), small.get(x), () -> "seed " + seed);
  }

  @Test
  void readsPinnedMemoryAnewAtEachLaunch() {
    MemorySegment pinned = driver.allocatePinned(4);
    driver.beginCapture(stream);
    driver.uploadAsync(x, pinned, 4, stream);
    driver.launch(launch, stream);
    long graph = driver.endCapture(stream);
    for (int value : new int[] {5, 6}) {
      pinned.set(ValueLayout.JAVA_FLOAT, 0, value);
      run(graph);
      assertEquals(2 * value, small.get(x)[0], () -> "seed " + seed);
    }
  }

  @Test
  void recordsProductsOfTheLibrary() {
    long y = small.array(0);
    driver.beginCapture(stream);
    driver.gemm().library().orElseThrow().multiplyF32(x, 2, x, y, 1, 1, 2, 1, stream);
    long graph = driver.endCapture(stream);
    run(graph);
    assertEquals(18, small.get(y)[0]);
  }

  @Test
  void refusesToRunWithMemoryThatWasFreed() {
    driver.beginCapture(stream);
    driver.launch(launch, stream);
    long graph = driver.endCapture(stream);
    driver.free(x);
    PtxException e = assertThrows(PtxException.class, () -> driver.launchGraph(graph, stream));
    assertTrue(e.getMessage().contains("argument x of scale"), e.getMessage());
  }

  @Test
  void isSpoiledByWhatMayNotBeRecorded() {
    List<Runnable> forbidden =
        List.of(
            () -> driver.allocate(64),
            () -> driver.free(x),
            () -> driver.synchronize(stream),
            () -> small.get(x),
            () -> small.put(x, 1),
            driver::createStream,
            () -> driver.allocatePinned(64));
    for (Runnable action : forbidden) {
      driver.beginCapture(stream);
      driver.launch(launch, stream);
      assertEquals(900, assertThrows(GpuException.class, action::run).code());
      assertEquals(901, assertThrows(GpuException.class, () -> driver.endCapture(stream)).code());
    }
    driver.launch(launch, stream);
    driver.synchronize(stream);
    assertArrayEquals(filled(6), small.get(x), "the stream must be usable again");
  }

  @Test
  void cannotBeLaunchedOnceItIsDestroyed() {
    driver.beginCapture(stream);
    long graph = driver.endCapture(stream);
    driver.destroyGraph(graph);
    assertThrows(GpuException.class, () -> driver.launchGraph(graph, stream));
    assertThrows(GpuException.class, () -> driver.endCapture(stream));
  }
}
