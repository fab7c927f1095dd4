package org.slmruntime.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.slmruntime.backend.reference.ReferenceBackendProvider;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.cuda.testing.DeviceOptions;
import org.slmruntime.cuda.testing.InterpretedDriver;
import org.slmruntime.cuda.testing.LlamaGraph;
import org.slmruntime.tensor.DType;
import org.slmruntime.testkit.Errors;

/** Steps of many tokens: ragged ones, and those whose products go to a library. */
class PrefillStepTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  private float[] expected(LlamaGraph model, PlanOptions options, int[][] counts) {
    try (Backend reference = new ReferenceBackendProvider().open(BackendOptions.defaults())) {
      return last(reference, model, options, counts);
    }
  }

  /** The logits of the last of some steps, each with a count of tokens per sequence. */
  private float[] last(Backend backend, LlamaGraph model, PlanOptions options, int[][] counts) {
    try (Plan plan = backend.compile(model.graph(), model.weights(), options)) {
      Decoder decoder = new Decoder(plan, seed);
      float[] logits = null;
      for (int[] count : counts) {
        logits = decoder.step(count, Decoder.range(count.length));
      }
      return logits;
    }
  }

  @TestFactory
  Stream<DynamicTest> longAndShortRunsOfTokensMayBeMixed() {
    return Decoder.kvTypes().stream()
        .map(type -> DynamicTest.dynamicTest(type.toString(), () -> mixes(type)));
  }

  private void mixes(DType kvType) {
    LlamaGraph model = LlamaGraph.make(seed, LlamaGraph.Shape.qwen2(1, DType.F32));
    int[][] counts = {{1, 30, 1, 9, 0, 1}, {17, 2, 1, 0, 1, 36}};
    PlanOptions options = Decoder.options(kvType);
    InterpretedDriver driver = new InterpretedDriver(DeviceOptions.fast(seed).withoutGemm());
    try (Backend backend = new CudaBackend(driver, CudaSettings.defaults().withHeadroom(0))) {
      float[] actual = last(backend, model, options, counts);
      Errors.assertClose(
          actual,
          expected(model, options, counts),
          kvType == DType.F32 ? 1e-5 : 1e-2,
          kvType + ", seed " + seed);
    }
    String tiles = "attention_prefill_" + kvType.name().toLowerCase(Locale.ROOT) + "_64";
    long tiled = driver.log().launches().stream().filter(l -> l.kernel().equals(tiles)).count();
    assertEquals(kvType == DType.F32 ? 0 : 2, tiled);
  }

  @TestFactory
  Stream<DynamicTest> aLibraryMultipliesLargeStepsInBfloat16() {
    return List.of(DType.F32, DType.F16, DType.BF16, DType.Q4_K, DType.Q8_0).stream()
        .map(type -> DynamicTest.dynamicTest(type.toString(), () -> multipliesByLibrary(type)));
  }

  private void multipliesByLibrary(DType type) {
    boolean biases = new Random(seed).nextBoolean();
    LlamaGraph model =
        LlamaGraph.make(seed, new LlamaGraph.Shape(1, type, !biases, biases, biases));
    int[][] counts = {{20, 13}, {12, 24}};
    PlanOptions options = Decoder.options(DType.F32);
    InterpretedDriver driver = new InterpretedDriver(DeviceOptions.fast(seed));
    CudaSettings settings = CudaSettings.defaults().withHeadroom(0).withLibraryTokens(33);
    try (Backend backend = new CudaBackend(driver, settings)) {
      Errors.assertClose(
          last(backend, model, options, counts),
          expected(model, options, counts),
          // Eight bits of mantissa on both sides of a handful of products in a row.
          type == DType.F32 ? 1e-5 : 1e-2,
          type + ", seed " + seed);
    }
    assertTrue(
        driver.log().launches().stream().noneMatch(l -> l.kernel().startsWith("gemm_")),
        driver.log().launches().toString());
  }

  @Test
  void productsThatShareAnInputPrepareItOnce() {
    LlamaGraph model = LlamaGraph.make(seed, LlamaGraph.Shape.llama(1, DType.Q4_0));
    InterpretedDriver driver = new InterpretedDriver(DeviceOptions.fast(seed).withoutGemm());
    try (Backend backend = new CudaBackend(driver, CudaSettings.defaults().withHeadroom(0))) {
      last(backend, model, Decoder.options(DType.F16), new int[][] {{10}});
    }
    // Q, K and V; output projection; gate and up; down; logits.
    assertEquals(5, driver.log().count("prepare_int16"));
  }
}
