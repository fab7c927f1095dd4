package org.slmruntime.cpu;

import java.util.Optional;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.JavaHeap;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.attention.AttentionShape;
import org.slmruntime.cpu.attention.KvCache;
import org.slmruntime.cpu.matmul.LinearScratch;
import org.slmruntime.cpu.vector.Lanes;
import org.slmruntime.cpu.vector.RowDecoders;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Weight;
import org.slmruntime.natives.Machine;
import org.slmruntime.tensor.DType;

/** Compiles graphs for the processor. Weights are read where the model's file is mapped. */
final class CpuBackend implements Backend {
  private final int threads;

  CpuBackend(int threads) {
    this.threads = threads;
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
    long mapped = 0;
    for (Weight weight : graph.weights()) {
      mapped = Math.addExact(mapped, weights.get(weight).data().byteSize());
    }
    long cached = 0;
    for (KvLayer layer : graph.kvLayers()) {
      cached = Math.addExact(cached, KvCache.byteSize(layer, options));
    }
    long buffers = Math.multiplyExact(BufferPlan.of(graph, options).floats(), Float.BYTES);
    long workspace = Math.addExact(buffers, scratchBytes(graph, options));
    return new MemoryUse(mapped, vectorBytes(graph), cached, workspace);
  }

  /** Norm weights and biases are small and kept as float32. */
  private static long vectorBytes(Graph graph) {
    return graph.weights().stream()
        .filter(weight -> weight.rows() == 1)
        .mapToLong(weight -> weight.elements() * Float.BYTES)
        .sum();
  }

  private long scratchBytes(Graph graph, PlanOptions options) {
    long linear = 0;
    long attention = 0;
    for (Node node : graph.nodes()) {
      switch (node.op()) {
        case Op.Linear op ->
            linear = Math.max(linear, LinearScratch.byteSize(op.weight().columns()));
        case Op.Attention op ->
            attention = Math.max(attention, AttentionShape.of(op, options).scratchBytes());
        default -> {}
      }
    }
    return threads * Math.addExact(linear, attention);
  }

  @Override
  public Plan compile(Graph graph, Weights weights, PlanOptions options) {
    unsupported(graph, weights)
        .ifPresent(
            reason -> {
              throw new BackendException("backend cpu cannot run " + graph.name() + ": " + reason);
            });
    MemoryUse memory = estimate(graph, weights, options);
    requireHeap(memory);
    requireMemory(memory);
    return new CpuPlan(graph, weights, options, memory, threads);
  }

  /** Everything but the cache lies in the Java heap. */
  private static void requireHeap(MemoryUse memory) {
    long need = memory.weights() + memory.workspace();
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
