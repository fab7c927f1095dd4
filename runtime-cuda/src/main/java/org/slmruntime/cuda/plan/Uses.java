package org.slmruntime.cuda.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;

/** Who makes and who reads each value and each weight of a graph. */
final class Uses {
  private final Value output;
  private final Map<Value, Node> producers = new HashMap<>();
  private final Map<Value, List<Node>> consumers = new HashMap<>();
  private final Map<String, List<Weight>> matrices = new HashMap<>();

  Uses(Graph graph) {
    this.output = graph.output();
    for (Node node : graph.nodes()) {
      node.output().ifPresent(value -> producers.put(value, node));
      for (Value input : node.op().inputs()) {
        consumers.computeIfAbsent(input, _ -> new ArrayList<>()).add(node);
      }
      switch (node.op()) {
        case Op.Embed op -> addMatrix(op.table());
        case Op.Linear op -> addMatrix(op.weight());
        default -> {}
      }
    }
  }

  private void addMatrix(Weight weight) {
    matrices.computeIfAbsent(weight.name(), _ -> new ArrayList<>()).add(weight);
  }

  Node producer(Value value) {
    return producers.get(value);
  }

  /** Every node that reads the value, as often as it does. */
  List<Node> consumers(Value value) {
    return consumers.getOrDefault(value, List.of());
  }

  boolean isOutput(Value value) {
    return value.equals(output);
  }

  /** Whether exactly one operation reads the value, and once. */
  boolean isSingle(Value value) {
    return !isOutput(value) && consumers(value).size() == 1;
  }

  /** Whether no other operation reads any of the matrix, so that it may lie anywhere. */
  boolean isExclusive(Weight matrix) {
    return matrices.get(matrix.name()).stream().filter(w -> overlap(w, matrix)).count() == 1;
  }

  private static boolean overlap(Weight a, Weight b) {
    return a.offset() < b.offset() + b.elements() && b.offset() < a.offset() + a.elements();
  }
}
