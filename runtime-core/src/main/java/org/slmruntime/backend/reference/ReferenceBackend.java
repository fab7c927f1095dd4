package org.slmruntime.backend.reference;

import java.util.Optional;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.JavaHeap;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Rows;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

final class ReferenceBackend implements Backend {
  @Override
  public String id() {
    return ReferenceBackendProvider.ID;
  }

  @Override
  public String description() {
    return "reference (plain Java, one thread, slow)";
  }

  @Override
  public Optional<String> unsupported(Graph graph, Weights weights) {
    for (Weight weight : graph.weights()) {
      DType type = weights.get(weight).type();
      if (QuantFormats.of(type).isEmpty()) {
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
      mapped += weights.get(weight).data().byteSize();
    }
    long floats = 0;
    for (Value value : graph.values()) {
      floats = Math.addExact(floats, bufferSize(value, options));
    }
    long cached = 0;
    for (KvLayer layer : graph.kvLayers()) {
      cached = Math.addExact(cached, cacheSize(layer, options));
    }
    return new MemoryUse(
        mapped,
        0,
        Math.multiplyExact(cached, Float.BYTES),
        Math.multiplyExact(floats, Float.BYTES));
  }

  @Override
  public Plan compile(Graph graph, Weights weights, PlanOptions options) {
    unsupported(graph, weights)
        .ifPresent(
            reason -> {
              throw new BackendException(
                  "backend reference cannot run " + graph.name() + ": " + reason);
            });
    MemoryUse memory = estimate(graph, weights, options);
    long free = JavaHeap.free(memory.allocated());
    if (memory.allocated() > free) {
      throw new BackendException(
          "backend reference needs "
              + memory.allocated()
              + " bytes of Java heap and "
              + free
              + " are free: "
              + (memory.allocated() - free)
              + " are missing; raise -Xmx or shorten the context");
    }
    try {
      return new ReferencePlan(graph, weights, options, memory);
    } catch (OutOfMemoryError e) {
      // What is free in all need not be free in one piece.
      throw new BackendException(
          "backend reference needs "
              + memory.allocated()
              + " bytes and got no more: "
              + e.getMessage(),
          e);
    }
  }

  @Override
  public void close() {
    // Holds nothing.
  }

  static long bufferSize(Value value, PlanOptions options) {
    int rows = value.rows() == Rows.TOKENS ? options.maxTokens() : options.maxOutputs();
    return (long) rows * value.width();
  }

  static long cacheSize(KvLayer layer, PlanOptions options) {
    long slots = (long) options.kvBlocks() * options.kvBlockTokens();
    return Math.multiplyExact(slots, layer.keyWidth() + layer.valueWidth());
  }
}
