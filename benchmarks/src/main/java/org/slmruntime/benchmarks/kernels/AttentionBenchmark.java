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
import org.slmruntime.benchmarks.models.Shape;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;

/**
 * One token's attention over a long sequence in the cache, and its appending: all of a model's
 * layers, so that keys and values come from memory.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class AttentionBenchmark {
  @Param({"F16", "Q8_0", "F32"})
  public DType cache;

  Sizes sizes = Sizes.LLAMA_1B;
  private Kernel kernel;

  @Setup
  public void setUp() {
    kernel = Kernel.atDepth(sizes.depth(), cache, this::layers);
  }

  private Value layers(Kernel.Parts parts) {
    Shape shape = sizes.shape();
    Value query = parts.input("query", shape.width());
    Value key = parts.input("key", shape.kvWidth());
    Value value = parts.input("value", shape.kvWidth());
    float scale = (float) (1 / Math.sqrt(shape.headSize()));
    for (int i = 0; i < shape.layers(); i++) {
      KvLayer layer = parts.graph().kvLayer(shape.kvHeads(), shape.headSize(), shape.headSize());
      parts.graph().kvAppend("append" + i, key, value, layer);
      Op.Attention op = new Op.Attention(query, layer, shape.heads(), scale, 0, 0, Weight.none());
      query = parts.graph().attention("attention" + i, op);
    }
    return query;
  }

  static Work work(Sizes sizes, DType cache) {
    Shape shape = sizes.shape();
    long positions = (long) shape.layers() * (sizes.depth() + 1);
    long bytes = positions * 2 * cache.byteSize(shape.kvWidth());
    return new Work(bytes, positions * 4 * shape.width(), Bound.MEMORY);
  }

  @Benchmark
  public float[] attention() {
    return kernel.run();
  }

  @TearDown
  public void tearDown() {
    kernel.close();
  }
}
