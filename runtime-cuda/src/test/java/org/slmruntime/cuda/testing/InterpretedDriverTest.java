package org.slmruntime.cuda.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.slmruntime.cuda.testing.SmallKernels.filled;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slmruntime.cuda.driver.GpuDriver.Launch;
import org.slmruntime.cuda.driver.GpuException;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.kernels.KernelCatalog;
import org.slmruntime.ptx.PtxException;

class InterpretedDriverTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final InterpretedDriver driver =
      new InterpretedDriver(DeviceOptions.checked(seed).withMemory(1 << 20));
  private final SmallKernels small = new SmallKernels(driver);
  private long stream;

  @BeforeEach
  void open() {
    driver.makeCurrent();
    stream = driver.createStream();
  }

  @AfterEach
  void close() {
    driver.close();
  }

  private int codeOf(Runnable action) {
    return assertThrows(GpuException.class, action::run, () -> "seed " + seed).code();
  }

  @Test
  void runsAKernelOverUploadedMemory() {
    long x = small.array(3);
    long y = driver.allocate(4L * SmallKernels.SIZE);
    driver.launch(small.bind(small.scale(x, 2, y)), stream);
    driver.synchronize(stream);
    assertArrayEquals(filled(6), small.get(y));
    assertEquals(1, driver.log().count("scale"));
    assertTrue(driver.log().counters().get("scale").laneInstructions() > 0);
    driver.log().clear();
    assertEquals(0, driver.log().launches().size());
  }

  @Test
  void launchesWithTheValuesThatTheArgumentsHaveAtTheLaunch() {
    long x = small.array(3);
    KernelArguments arguments = small.scale(x, 2, x);
    Launch launch = small.bind(arguments);
    driver.launch(launch, stream);
    arguments.set("factor", 5f);
    driver.launch(launch, stream);
    driver.synchronize(stream);
    assertArrayEquals(filled(30), small.get(x), () -> "seed " + seed);
  }

  @Test
  void knowsWhatDeviceItPretendsToBe() {
    assertEquals(1 << 20, driver.info().memoryBytes());
    long free = driver.freeMemory();
    driver.allocate(1000);
    assertTrue(driver.freeMemory() <= free - 1000);
  }

  @Test
  void refusesMoreMemoryThanThereIs() {
    assertEquals(2, codeOf(() -> driver.allocate((1 << 20) + 1)));
    driver.failAllocation(2);
    long first = driver.allocate(64);
    assertEquals(2, codeOf(() -> driver.allocate(64)));
    driver.free(first);
    assertDoesNotThrow(() -> driver.allocate(64));
  }

  @Test
  void failsEveryCallAfterTheContextWasLostButTakesEverythingBack() {
    long x = small.array(3);
    Launch launch = small.bind(small.scale(x, 2, x));
    driver.failKernel(2);
    driver.launch(launch, stream);
    driver.synchronize(stream);
    assertEquals(
        700,
        codeOf(
            () -> {
              driver.launch(launch, stream);
              driver.synchronize(stream);
            }));
    assertEquals(700, codeOf(() -> driver.allocate(64)));
    assertEquals(700, codeOf(() -> driver.launch(launch, stream)));
    assertDoesNotThrow(
        () -> {
          driver.makeCurrent();
          driver.free(x);
          driver.destroyStream(stream);
          small.close();
        });
  }

  @Test
  void countsWhatIsNotGivenBack() {
    driver.destroyStream(stream);
    assertTrue(driver.isEmpty());
    long x = small.array(3);
    assertFalse(driver.isEmpty());
    driver.free(x);
    var pinned = driver.allocatePinned(16);
    assertFalse(driver.isEmpty());
    driver.freePinned(pinned);
    long event = driver.createEvent();
    assertFalse(driver.isEmpty());
    driver.destroyEvent(event);
    small.bind(small.scale(0, 1, 0));
    assertFalse(driver.isEmpty());
    small.close();
    assertTrue(driver.isEmpty());
  }

  @Test
  void wantsACurrentContext() throws InterruptedException {
    int[] code = new int[1];
    Thread thread = new Thread(() -> code[0] = codeOf(() -> driver.allocate(64)));
    thread.start();
    thread.join();
    assertEquals(201, code[0]);
    driver.close();
    assertEquals(201, codeOf(() -> driver.allocate(64)));
  }

  @Test
  void refusesPointersToFreedMemoryAndNullWhereItIsNotAllowed() {
    long x = small.array(3);
    Launch launch = small.bind(small.scale(x, 2, x));
    driver.free(x);
    assertThrows(PtxException.class, () -> driver.launch(launch, stream));
    Launch none = small.bind(small.scale(0, 2, 0));
    PtxException e = assertThrows(PtxException.class, () -> driver.launch(none, stream));
    assertTrue(e.getMessage().contains("argument x of scale"), e.getMessage());
  }

  @Test
  void refusesGridsThatNoGpuTakes() {
    KernelArguments arguments = small.scale(0, 1, 0);
    long module = driver.loadModule("pointwise", KernelCatalog.ptx("pointwise"));
    long function = driver.function(module, "scale");
    for (Grid grid :
        new Grid[] {
          Grid.of(0, 32), Grid.of(1, 1025), Grid.of(1, 65536, 1, 32), new Grid(1, 1, 1, 32, 32, 2)
        }) {
      codeOf(() -> driver.prepare(function, "scale", grid, 0, arguments));
    }
    codeOf(() -> driver.prepare(function, "scale", Grid.of(1, 32), 200 << 10, arguments));
  }

  @Test
  void refusesModulesAndFunctionsThatItDoesNotKnow() {
    byte[] nonsense = "nonsense".getBytes(StandardCharsets.UTF_8);
    assertEquals(218, codeOf(() -> driver.loadModule("bad", nonsense)));
    long module = driver.loadModule("pointwise", KernelCatalog.ptx("pointwise"));
    assertEquals(500, codeOf(() -> driver.function(module, "nothing")));
    driver.unloadModule(module);
    assertEquals(400, codeOf(() -> driver.function(module, "scale")));
  }

  @Test
  void findsArgumentsThatTheKernelDoesNotHave() {
    long module = driver.loadModule("pointwise", KernelCatalog.ptx("pointwise"));
    long other = driver.function(module, "add");
    KernelArguments arguments = small.scale(0, 1, 0);
    assertThrows(
        PtxException.class, () -> driver.prepare(other, "add", Grid.of(1, 32), 0, arguments));
  }
}
