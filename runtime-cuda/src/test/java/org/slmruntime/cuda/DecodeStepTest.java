package org.slmruntime.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.cuda.driver.ForwardingDriver;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.GpuException;
import org.slmruntime.cuda.testing.DeviceOptions;
import org.slmruntime.cuda.testing.InterpretedDriver;
import org.slmruntime.cuda.testing.LaunchLog;
import org.slmruntime.cuda.testing.LlamaGraph;
import org.slmruntime.tensor.DType;
import org.slmruntime.testkit.Errors;

/** Recorded steps, padding, and what a decode step launches. */
class DecodeStepTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final DType kvType = Decoder.kvTypes().get(new Random(seed).nextInt(3));

  /** For so many multiprocessors no matrix of the model is large. */
  private final DeviceOptions device =
      DeviceOptions.fast(seed).withoutGemm().withMultiprocessors(8);

  private final InterpretedDriver driver = new InterpretedDriver(device);
  private final CudaSettings settings = CudaSettings.defaults().withHeadroom(0);
  private final LlamaGraph model = LlamaGraph.make(seed, LlamaGraph.Shape.qwen3(2, DType.Q4_0));
  private CudaBackend backend = new CudaBackend(driver, settings);

  @AfterEach
  void close() {
    backend.close();
  }

  private Plan compile() {
    return backend.compile(model.graph(), model.weights(), Decoder.options(kvType));
  }

  private LaunchLog log() {
    driver.log().clear();
    return driver.log();
  }

  @Test
  void recordedStepsGiveTheBitsOfEagerOnes() {
    backend = new CudaBackend(driver, settings.withoutGraphs());
    CudaBackend recording = new CudaBackend(driver, settings);
    try (Plan eager = compile();
        Plan recorded =
            recording.compile(model.graph(), model.weights(), Decoder.options(kvType))) {
      Decoder expected = new Decoder(eager, seed);
      Decoder actual = new Decoder(recorded, seed);
      LaunchLog log = log();
      for (int batch : new int[] {1, 3, 3, 4, 1, 1, 11, 11, 3}) {
        float[] wanted = expected.step(1, Decoder.range(batch));
        float[] got = actual.step(1, Decoder.range(batch));
        assertArrayEquals(wanted, got, batch + " sequences, seed " + seed);
      }
      // Classes of 1, 4 and 16 sequences, each run eagerly once.
      assertEquals(6, log.graphLaunches(), "seed " + seed);
    }
  }

  @Test
  void anotherContextClassIsAnotherRecording() {
    try (Plan plan = compile()) {
      Decoder decoder = new Decoder(plan, seed);
      decoder.step(62, 0);
      LaunchLog log = log();
      decoder.step(1, 0);
      decoder.step(1, 0);
      assertEquals(1, log.graphLaunches());
      // From 65 tokens on the context is split.
      decoder.step(1, 0);
      assertEquals(1, log.graphLaunches());
      decoder.step(1, 0);
      assertEquals(2, log.graphLaunches());
    }
  }

  @Test
  void stepsGoOnWhereMemoryForRecordingsIsMissing() {
    InterpretedDriver other = new InterpretedDriver(device);
    try (CudaBackend full = new CudaBackend(new FullDriver(other), settings);
        Plan plan = full.compile(model.graph(), model.weights(), Decoder.options(kvType));
        Plan roomy = compile()) {
      Decoder expected = new Decoder(roomy, seed);
      Decoder actual = new Decoder(plan, seed);
      for (int i = 0; i < 3; i++) {
        assertArrayEquals(expected.step(1, 0), actual.step(1, 0), "step " + i + ", seed " + seed);
      }
      assertEquals(0, other.log().graphLaunches());
    }
  }

  /** Can record, but has no memory for a graph that runs. */
  private static final class FullDriver extends ForwardingDriver {
    FullDriver(GpuDriver driver) {
      super(driver);
    }

    @Override
    public long endCapture(long stream) {
      driver().destroyGraph(driver().endCapture(stream));
      throw new GpuException("cuGraphInstantiate: no memory", 2);
    }
  }

  @Test
  void aTokenGetsTheSameBitsAloneAndAmongUpToEight() {
    try (Plan plan = compile();
        Plan alone = compile()) {
      Decoder together = new Decoder(plan, seed);
      float[] prompts = together.step(2, 0, 1, 2, 3);
      float[] next = together.step(1, Decoder.range(8));
      for (int s = 0; s < 4; s++) {
        Decoder single = new Decoder(alone, seed);
        float[] first = single.step(1, s);
        assertArrayEquals(Decoder.row(prompts, 2 * s), first, "sequence " + s + ", seed " + seed);
        single.step(1, s);
        assertArrayEquals(
            Decoder.row(next, s), single.step(1, s), "sequence " + s + ", seed " + seed);
      }
    }
  }

  @Test
  void aDecodeStepLaunchesSevenKernelsALayer() {
    try (Plan plan = compile()) {
      Decoder decoder = new Decoder(plan, seed);
      for (int step = 0; step < 3; step++) {
        LaunchLog log = log();
        decoder.step(1, 0, 1);
        // Angles, embedding, row gather and output come on top.
        assertEquals(2 * 7 + 4, log.launches().size(), log.launches().toString());
      }
    }
  }

  /** What is large for one multiprocessor. */
  @Test
  void fiveTokensOfALargeMatrixGoToTheTensorCores() {
    InterpretedDriver small = new InterpretedDriver(device.withMultiprocessors(1));
    try (CudaBackend other = new CudaBackend(small, settings);
        Plan tensor = other.compile(model.graph(), model.weights(), Decoder.options(DType.F32));
        Plan gemv = backend.compile(model.graph(), model.weights(), Decoder.options(DType.F32))) {
      Decoder decoder = new Decoder(tensor, seed);
      decoder.step(1, Decoder.range(4));
      assertEquals(0, products(small), "seed " + seed);
      float[] five = new Decoder(tensor, seed).step(1, Decoder.range(5));
      // All but the output, which has few rows.
      assertEquals(2 * 4, products(small), "seed " + seed);
      assertEquals(1, small.log().count("gemv_q4_0_8"), "seed " + seed);
      float[] expected = new Decoder(gemv, seed).step(1, Decoder.range(5));
      Errors.assertClose(five, expected, 1e-4, "seed " + seed);
    }
  }

  private static long products(InterpretedDriver driver) {
    return driver.log().launches().stream().filter(l -> l.kernel().startsWith("gemm_")).count();
  }

  @Test
  void aDecodeStepNeverUsesTheLibrary() {
    InterpretedDriver other = new InterpretedDriver(DeviceOptions.fast(seed));
    try (CudaBackend library = new CudaBackend(other, settings.withLibraryTokens(9));
        Plan plan = library.compile(model.graph(), model.weights(), Decoder.options(kvType));
        Plan own = compile()) {
      int[] sequences = Decoder.range(Decoder.MAX_SEQUENCES);
      assertArrayEquals(
          new Decoder(own, seed).step(1, sequences), new Decoder(plan, seed).step(1, sequences));
    }
  }

  @Test
  void whatIsLeftOfAnEarlierStepDoesNotShow() {
    try (Plan used = compile();
        Plan fresh = compile()) {
      Decoder before = new Decoder(used, seed + 1);
      before.step(40, 0);
      before.step(1, Decoder.range(8));
      float[] again = new Decoder(used, seed).step(3, 0, 1);
      assertArrayEquals(new Decoder(fresh, seed).step(3, 0, 1), again, "seed " + seed);
      assertTrue(Float.isFinite(again[0]));
    }
  }
}
