package org.slmruntime.cpu;

import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.packed.PackedWeights;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Weight;

/**
 * Where a graph's weights lie, in bytes.
 *
 * @param mapped read in place where the model's file is mapped; embeddings, of which a step reads a
 *     few rows, are left out
 * @param heap kept as float32 in the Java heap: norm weights and biases, which are small
 * @param outside packed, or copied from Java arrays, outside the heap
 */
record WeightBytes(long mapped, long heap, long outside) {
  static WeightBytes of(Graph graph, Weights weights) {
    Set<Weight> packed = PackedWeights.of(graph, weights).keySet();
    Set<Weight> multiplied = new HashSet<>();
    Set<Weight> inPlace = new HashSet<>(graph.weights());
    inPlace.removeAll(packed);
    for (Node node : graph.nodes()) {
      switch (node.op()) {
        case Op.Linear op -> multiplied.add(op.weight());
        // Read in place even where the output layer shares it and is packed.
        case Op.Embed op -> inPlace.add(op.table());
        default -> {}
      }
    }
    long mapped = 0;
    long heap = 0;
    long outside = PackedWeights.byteSize(graph, weights);
    for (Weight weight : inPlace) {
      MemorySegment data = weights.get(weight).data();
      if (weight.rows() == 1) {
        heap += weight.elements() * Float.BYTES;
      } else if (!data.isNative()) {
        outside += data.byteSize();
      } else if (multiplied.contains(weight) && !packed.contains(weight)) {
        mapped = Math.addExact(mapped, data.byteSize());
      }
    }
    return new WeightBytes(mapped, heap, outside);
  }
}
