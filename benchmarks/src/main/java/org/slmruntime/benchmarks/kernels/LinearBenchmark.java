package org.slmruntime.benchmarks.kernels;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.slmruntime.benchmarks.kernels.Work.Bound;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;

/**
 * Products with matrices: one token (decode), eight sequences, and a large prefill. Matrices follow
 * each other, up and down between a model's two widths, so that few tokens read them from memory.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class LinearBenchmark {
  private static final int FEW_TOKENS = 16;

  @Param({
    "Q4_0", "Q8_0", "Q4_K", "F16", "Q6_K", "Q5_K", "Q4_1", "Q5_0", "Q5_1", "IQ4_NL", "IQ4_XS",
    "BF16"
  })
  public DType format;

  /** 0 stands for a large prefill. */
  @Param({"1", "8", "0"})
  public int tokens;

  Sizes sizes = Sizes.LLAMA_1B;
  private Kernel kernel;

  @Setup
  public void setUp() {
    int pairs = pairs(sizes, format, tokens);
    kernel =
        tokens == 0
            ? Kernel.ofTokens(sizes.prefill(), parts -> chain(parts, pairs))
            : Kernel.ofSequences(tokens, parts -> chain(parts, pairs));
  }

  private Value chain(Kernel.Parts parts, int pairs) {
    int width = sizes.shape().width();
    int inner = sizes.shape().inner();
    Value x = parts.input("x", width);
    for (int i = 0; i < pairs; i++) {
      x = product(parts, "up" + i, x, inner);
      x = product(parts, "down" + i, x, width);
    }
    return x;
  }

  private Value product(Kernel.Parts parts, String name, Value x, int rows) {
    Weight weight = parts.weights().matrix(name, rows, x.width(), format);
    return parts.graph().linear(name, x, weight, Weight.none());
  }

  private static int pairs(Sizes sizes, DType format, int tokens) {
    boolean streams = tokens > 0 && tokens <= FEW_TOKENS;
    return streams
        ? Math.toIntExact(Math.ceilDiv(sizes.streamedBytes(), pairBytes(sizes, format)))
        : 1;
  }

  private static long pairBytes(Sizes sizes, DType format) {
    return 2 * format.byteSize((long) sizes.shape().width() * sizes.shape().inner());
  }

  static Work work(Sizes sizes, DType format, int tokens) {
    int pairs = pairs(sizes, format, tokens);
    int count = tokens == 0 ? sizes.prefill() : tokens;
    long weights = 2L * pairs * sizes.shape().width() * sizes.shape().inner();
    return new Work(
        pairs * pairBytes(sizes, format),
        2 * weights * count,
        tokens == 1 ? Bound.MEMORY : Bound.ARITHMETIC);
  }

  @Benchmark
  public float[] linear() {
    return kernel.run();
  }

  @TearDown
  public void tearDown() {
    kernel.close();
  }
}
