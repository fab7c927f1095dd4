package org.slmruntime.benchmarks.kernels;

import java.util.Arrays;
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
import org.slmruntime.benchmarks.models.Shape;
import org.slmruntime.graph.Activation;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;

/** What lies between the products, sixteen in a row, for one token and for a large prefill. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PointwiseBenchmark {
  private static final int REPEATS = 16;

  /** The operations. */
  public enum Kind {
    NORM,
    ROPE,
    GATED_SILU
  }

  @Param public Kind kind;

  /** 0 stands for a large prefill. */
  @Param({"1", "0"})
  public int tokens;

  Sizes sizes = Sizes.LLAMA_1B;
  private Kernel kernel;

  @Setup
  public void setUp() {
    kernel = Kernel.ofTokens(tokens == 0 ? sizes.prefill() : tokens, this::chain);
  }

  private Value chain(Kernel.Parts parts) {
    Shape shape = sizes.shape();
    GraphBuilder graph = parts.graph();
    Value x = parts.input("x", width(sizes, kind));
    Value y = x;
    Weight weight = parts.weights().vector("norm", shape.width());
    RotaryTable rope = rope(shape.headSize());
    for (int i = 0; i < REPEATS; i++) {
      String name = "op" + i;
      y =
          switch (kind) {
            case NORM -> graph.rmsNorm(name, y, weight, 1, 1e-5f);
            case ROPE -> graph.rope(name, y, shape.heads(), rope);
            case GATED_SILU -> graph.gatedActivation(name, x, y, Activation.SILU);
          };
    }
    return y;
  }

  private static RotaryTable rope(int headSize) {
    double[] frequencies = new double[headSize / 2];
    Arrays.setAll(frequencies, i -> Math.pow(10_000, -2.0 * i / headSize));
    return new RotaryTable(RotaryTable.Pairing.ADJACENT, frequencies, 1);
  }

  private static int width(Sizes sizes, Kind kind) {
    return kind == Kind.GATED_SILU ? sizes.shape().inner() : sizes.shape().width();
  }

  static Work work(Sizes sizes, Kind kind, int tokens) {
    long count = tokens == 0 ? sizes.prefill() : tokens;
    long values = REPEATS * count * width(sizes, kind);
    int accesses = kind == Kind.GATED_SILU ? 3 : 2;
    return new Work(accesses * Float.BYTES * values, 0, Bound.NEITHER);
  }

  @Benchmark
  public float[] pointwise() {
    return kernel.run();
  }

  @TearDown
  public void tearDown() {
    kernel.close();
  }
}
