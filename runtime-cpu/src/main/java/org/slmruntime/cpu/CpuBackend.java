package org.slmruntime.cpu;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.JavaHeap;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.attention.AttentionShape;
import org.slmruntime.cpu.attention.KvCache;
import org.slmruntime.cpu.attention.WorkList;
import org.slmruntime.cpu.matmul.LinearScratch;
import org.slmruntime.cpu.ops.RopeAngles;
import org.slmruntime.cpu.packed.file.PackedCache;
import org.slmruntime.cpu.vector.Exp;
import org.slmruntime.cpu.vector.Lanes;
import org.slmruntime.cpu.vector.RowDecoders;
import org.slmruntime.cpu.vector.RowScratch;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Weight;
import org.slmruntime.natives.Machine;
import org.slmruntime.tensor.DType;

/**
 * Compiles graphs for the processor. Weights are packed or read where the model's file is mapped,
 * as their format wants it.
 */
final class CpuBackend implements Backend {
  private final int threads;
  private final Optional<PackedCache> cache;

  /**
   * @param options of which all but the number of threads are taken
   */
  CpuBackend(int threads, BackendOptions options) {
    this.threads = threads;
    this.cache = options.packedCache().map(path -> new PackedCache(path, options.notice()));
  }

  @Override
  public String id() {
    return CpuBackendProvider.ID;
  }

  @Override
  public String description() {
    return "cpu (Vector API, "
        + Lanes.bits()
        + " bit, "
        + threads
        + (threads == 1 ? " thread)" : " threads)");
  }

  @Override
  public Optional<String> unsupported(Graph graph, Weights weights) {
    for (Weight weight : graph.weights()) {
      DType type = weights.get(weight).type();
      if (!RowDecoders.supports(type)) {
        return Optional.of(
            "tensor " + weight.name() + " has type " + type + ", which has no decoder");
      }
    }
    return Optional.empty();
  }

  @Override
  public MemoryUse estimate(Graph graph, Weights weights, PlanOptions options) {
    WeightBytes bytes = WeightBytes.of(graph, weights);
    long cached = 0;
    for (KvLayer layer : graph.kvLayers()) {
      cached = Math.addExact(cached, KvCache.byteSize(layer, options));
    }
    long buffers = Math.multiplyExact(BufferPlan.of(graph, options).floats(), Float.BYTES);
    long inputs = StepCompiler.activationSizes(graph, weights, options).bytes();
    long workspace = Math.addExact(buffers, scratchBytes(graph, options) + inputs);
    return new MemoryUse(bytes.mapped(), bytes.heap() + bytes.outside(), cached, workspace);
  }

  /** What threads need each, and what layers share: as {@link StepCompiler} makes them. */
  private long scratchBytes(Graph graph, PlanOptions options) {
    long linear = 0;
    long embed = 0;
    Set<AttentionShape> shapes = new HashSet<>();
    Set<RotaryTable> tables = new HashSet<>();
    for (Node node : graph.nodes()) {
      switch (node.op()) {
        case Op.Linear op ->
            linear = Math.max(linear, LinearScratch.byteSize(op.weight().columns()));
        case Op.Embed op -> embed += RowScratch.byteSize(op.table().columns());
        case Op.Attention op -> shapes.add(AttentionShape.of(op, options));
        case Op.Rope op -> tables.add(op.table());
        default -> {}
      }
    }
    long pointwise = (long) Exp.BLOCK * Float.BYTES;
    long perThread =
        pointwise + linear + shapes.stream().mapToLong(AttentionShape::scratchBytes).sum();
    long angles = tables.stream().mapToLong(RopeAngles::floatsPerToken).sum() * Float.BYTES;
    long shared =
        shapes.stream()
            .mapToLong(shape -> shape.partialBytes() + WorkList.byteSize(shape, options))
            .sum();
    return threads * perThread + shared + embed + options.maxTokens() * angles;
  }

  @Override
  public Plan compile(Graph graph, Weights weights, PlanOptions options) {
    unsupported(graph, weights)
        .ifPresent(
            reason -> {
              throw new BackendException("backend cpu cannot run " + graph.name() + ": " + reason);
            });
    MemoryUse memory = estimate(graph, weights, options);
    requireHeap(WeightBytes.of(graph, weights).heap() + memory.workspace());
    requireMemory(memory);
    try {
      return new CpuPlan(graph, weights, options, memory, threads, cache);
    } catch (OutOfMemoryError e) {
      // What is free in all need not be free in one piece.
      throw new BackendException(
          "backend cpu needs " + memory.allocated() + " bytes and got no more: " + e.getMessage(),
          e);
    }
  }

  /** Small weights and the workspace lie in the Java heap. */
  private static void requireHeap(long need) {
    long free = JavaHeap.free(need);
    if (need > free) {
      throw new BackendException(
          "backend cpu needs "
              + need
              + " bytes of Java heap and "
              + free
              + " are free: "
              + (need - free)
              + " are missing; raise -Xmx or shorten the step");
    }
  }

  private static void requireMemory(MemoryUse memory) {
    long free = Machine.availableMemory();
    if (memory.allocated() > free) {
      throw new BackendException(
          "backend cpu needs "
              + memory.allocated()
              + " bytes of memory and "
              + free
              + " are free: "
              + (memory.allocated() - free)
              + " are missing; shorten the context or use a smaller kv type");
    }
  }

  @Override
  public void close() {
    // Plans hold the threads and the memory.
  }
}
