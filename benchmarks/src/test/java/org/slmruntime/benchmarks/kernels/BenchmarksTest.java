package org.slmruntime.benchmarks.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.slmruntime.sampling.TokenChoice;
import org.slmruntime.tensor.DType;

/** Each benchmark's body, run once with small data. */
class BenchmarksTest {
  private static void assertLively(float[] row, int width) {
    double sum = 0;
    for (int i = 0; i < width; i++) {
      sum += Math.abs(row[i]);
    }
    assertTrue(Double.isFinite(sum) && sum > 0, () -> Arrays.toString(row));
  }

  @ParameterizedTest
  @CsvSource({"Q4_0, 1", "Q4_K, 8", "IQ4_NL, 1", "F16, 0", "Q8_0, 0"})
  void multiplies(DType format, int tokens) {
    LinearBenchmark benchmark = new LinearBenchmark();
    benchmark.sizes = Sizes.SMALL;
    benchmark.format = format;
    benchmark.tokens = tokens;
    benchmark.setUp();
    assertLively(benchmark.linear(), Sizes.SMALL.shape().width());
    benchmark.tearDown();
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F16", "Q8_0", "F32"})
  void attends(DType cache) {
    AttentionBenchmark benchmark = new AttentionBenchmark();
    benchmark.sizes = Sizes.SMALL;
    benchmark.cache = cache;
    benchmark.setUp();
    float[] first = benchmark.attention().clone();
    assertLively(first, Sizes.SMALL.shape().width());
    assertTrue(Arrays.equals(first, benchmark.attention()), "a step changes the next one's data");
    benchmark.tearDown();
  }

  @ParameterizedTest
  @EnumSource(PointwiseBenchmark.Kind.class)
  void runsWhatLiesBetween(PointwiseBenchmark.Kind kind) {
    for (int tokens : new int[] {1, 0}) {
      PointwiseBenchmark benchmark = new PointwiseBenchmark();
      benchmark.sizes = Sizes.SMALL;
      benchmark.kind = kind;
      benchmark.tokens = tokens;
      benchmark.setUp();
      assertLively(benchmark.pointwise(), Sizes.SMALL.shape().width());
      benchmark.tearDown();
    }
  }

  @ParameterizedTest
  @EnumSource(SamplingBenchmark.Kind.class)
  void samples(SamplingBenchmark.Kind kind) {
    SamplingBenchmark benchmark = new SamplingBenchmark();
    benchmark.sizes = Sizes.SMALL;
    benchmark.kind = kind;
    benchmark.setUp();
    TokenChoice choice = benchmark.sample();
    assertTrue(choice.token() >= 0 && choice.token() < Sizes.SMALL.shape().vocabulary());
  }

  @Test
  void countsTheWork() {
    // 2048 x 8192 values in 18 bytes per 32, as often as 256 MiB need, up and down.
    Work decode = LinearBenchmark.work(Sizes.LLAMA_1B, DType.Q4_0, 1);
    assertEquals(15L * 2 * 2048 * 8192 * 18 / 32, decode.bytes());
    assertEquals(15L * 2 * 2 * 2048 * 8192, decode.operations());
    Work prefill = LinearBenchmark.work(Sizes.LLAMA_1B, DType.Q4_0, 0);
    assertEquals(2L * 2 * 2048 * 8192 * 512, prefill.operations());
    // Keys and values of 8 heads of 64 in 16 layers; each meets 4 of the 32 query heads.
    Work attention = AttentionBenchmark.work(Sizes.LLAMA_1B, DType.F16);
    assertEquals(16L * 4097 * 2 * 512 * 2, attention.bytes());
    assertEquals(16L * 4097 * 4 * 2048, attention.operations());
  }
}
