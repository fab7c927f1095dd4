package org.slmruntime.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.stream.Collectors;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.packed.PackedWeights;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Weight;

/**
 * Where a graph's weights lie, in bytes.
 *
 * @param mapped read in place where the model's file is mapped
 * @param heap kept as float32 in the Java heap: norm weights and biases, which are small
 * @param outside packed, or copied from Java arrays, outside the heap
 */
record WeightBytes(long mapped, long heap, long outside) {
  static WeightBytes of(Graph graph, Weights weights) {
    Set<Weight> packed = PackedWeights.of(graph, weights).keySet();
    Set<Weight> tables = tables(graph);
    long mapped = 0;
    long heap = 0;
    long outside = PackedWeights.byteSize(graph, weights);
    for (Weight weight : graph.weights()) {
      if (packed.contains(weight) && !tables.contains(weight)) {
        continue;
      }
      MemorySegment data = weights.get(weight).data();
      mapped = Math.addExact(mapped, data.byteSize());
      if (weight.rows() == 1) {
        heap += weight.elements() * Float.BYTES;
      } else if (!data.isNative()) {
        outside += data.byteSize();
      }
    }
    return new WeightBytes(mapped, heap, outside);
  }

  /** Embeddings are read in place, even where the output layer shares them and is packed. */
  private static Set<Weight> tables(Graph graph) {
    return graph.nodes().stream()
        .map(Node::op)
        .filter(Op.Embed.class::isInstance)
        .map(op -> ((Op.Embed) op).table())
        .collect(Collectors.toSet());
  }
}
