package org.slmruntime.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.cuda.driver.GpuException;
import org.slmruntime.cuda.testing.DeviceOptions;
import org.slmruntime.cuda.testing.InterpretedDriver;
import org.slmruntime.cuda.testing.LlamaGraph;
import org.slmruntime.tensor.DType;

/** What is taken from the device, and that it is given back whatever happens. */
class CudaMemoryTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final LlamaGraph model = LlamaGraph.make(seed, LlamaGraph.Shape.qwen3(1, DType.Q4_0));
  private final InterpretedDriver driver = new InterpretedDriver(DeviceOptions.fast(seed));
  private final CudaBackend backend =
      new CudaBackend(driver, CudaSettings.defaults().withHeadroom(0));

  private Plan compile() {
    return backend.compile(model.graph(), model.weights(), Decoder.options(DType.F16));
  }

  @Test
  void takesExactlyWhatItForetells() {
    Random random = new Random(seed);
    for (int round = 0; round < 6; round++) {
      PlanOptions options =
          new PlanOptions(
              1 + random.nextInt(200),
              1 + random.nextInt(70),
              1 + random.nextInt(70),
              1 + random.nextInt(30),
              1 + random.nextInt(40),
              Decoder.kvTypes().get(random.nextInt(3)),
              ValueObserver.NONE,
              ProgressListener.NONE);
      MemoryUse foretold = backend.estimate(model.graph(), model.weights(), options);
      try (Plan plan = backend.compile(model.graph(), model.weights(), options)) {
        assertEquals(foretold, plan.memory());
        assertEquals(foretold.allocated(), driver.memory().allocated(), options.toString());
      }
      assertEquals(0, driver.memory().allocated());
    }
  }

  @Test
  void leavesHeadroomAndNamesWhatIsMissing() {
    long free = DeviceOptions.fast(seed).memoryBytes();
    long need =
        backend.estimate(model.graph(), model.weights(), Decoder.options(DType.F16)).allocated();
    CudaSettings settings = CudaSettings.defaults().withHeadroom(free - need + 1);
    try (CudaBackend tight = new CudaBackend(driver, settings)) {
      BackendException e =
          assertThrows(
              BackendException.class,
              () -> tight.compile(model.graph(), model.weights(), Decoder.options(DType.F16)));
      assertTrue(e.getMessage().contains(": 1 are missing; shorten the context"), e.getMessage());
    }
  }

  @Test
  void refusesStepsThatNoGridHolds() {
    PlanOptions large =
        new PlanOptions(70_000, 1, 1, 1, 1, DType.F16, ValueObserver.NONE, ProgressListener.NONE);
    // It can say what that would take, so that another backend may be chosen.
    assertTrue(backend.estimate(model.graph(), model.weights(), large).workspace() > 0);
    BackendException e =
        assertThrows(
            BackendException.class,
            () -> backend.compile(model.graph(), model.weights(), large).close());
    assertTrue(e.getMessage().contains("at most 65535 tokens; use smaller"), e.getMessage());
  }

  @Test
  void givesEverythingBackWhereAnAllocationFails() {
    int failures = 0;
    for (int nth = 1; ; nth++) {
      driver.failAllocation(nth);
      try (Plan plan = compile()) {
        assertTrue(plan.memory().allocated() > 0);
        break;
      } catch (GpuException e) {
        assertEquals(0, driver.memory().allocated(), "allocation " + nth + ", seed " + seed);
        failures++;
      }
    }
    driver.failAllocation(0);
    backend.close();
    assertTrue(driver.isEmpty(), "seed " + seed);
    assertTrue(failures >= 6, failures + " allocations");
  }

  @Test
  void givesEverythingBackWhenClosed() {
    try (Plan plan = compile()) {
      Decoder decoder = new Decoder(plan, seed);
      decoder.step(20, 0, 1);
      for (int i = 0; i < 3; i++) {
        decoder.step(1, 0, 1);
      }
    }
    backend.close();
    backend.close();
    assertTrue(driver.isEmpty(), "seed " + seed);
    assertTrue(driver.isClosed());
  }

  @Test
  void saysOfALostDeviceWhatHappenedAndStillCloses() {
    try (Plan plan = compile()) {
      Decoder decoder = new Decoder(plan, seed);
      decoder.step(3, 0);
      driver.failKernel(5);
      GpuException e = assertThrows(GpuException.class, () -> decoder.step(1, 0));
      assertTrue(e.isSticky(), e.getMessage());
      assertInstanceOf(
          GpuException.class, assertThrows(BackendException.class, () -> decoder.step(1, 0)));
    }
    backend.close();
    assertTrue(driver.isClosed());
  }

  @Test
  void tellsHowFarTheWeightsAre() {
    List<Long> seen = new ArrayList<>();
    PlanOptions limits = Decoder.options(DType.F16);
    PlanOptions listened =
        new PlanOptions(
            limits.maxTokens(),
            limits.maxSequences(),
            limits.maxOutputs(),
            limits.kvBlocks(),
            limits.kvBlockTokens(),
            limits.kvType(),
            limits.observer(),
            (_, done, total) -> {
              assertTrue(done <= total, done + " of " + total);
              seen.add(done);
            });
    backend.compile(model.graph(), model.weights(), listened).close();
    assertEquals(seen.stream().sorted().distinct().toList(), seen);
    assertTrue(seen.size() > 5, seen.toString());
    backend.close();
  }
}
