package org.slmruntime.lora;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;

/**
 * Rewrites a graph so that its linear layers are changed by adapters, with operations that every
 * backend and the differentiation have. {@code y = W x + b} becomes
 *
 * <pre>{@code
 * y0 = W x + b
 * a  = A x          shared by the layers that are slices of one changed matrix
 * s  = scale a      left out where the scale is 1
 * y  = y0 + B s
 * }</pre>
 *
 * and so on for each further change of the same layer. The value {@code y} stays the one that the
 * rest of the graph reads; the others are new, after those of the graph.
 */
public final class LoraGraph {
  private final Graph graph;
  private final List<LowRank> changes;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Value> values;
  private final Map<Input, Value> scaled = new HashMap<>();
  private final Set<LowRank> used = new HashSet<>();

  /** What {@code s} is computed of. */
  private record Input(LowRank change, Value x) {}

  private LoraGraph(Graph graph, List<LowRank> changes) {
    this.graph = graph;
    this.changes = changes;
    this.values = new ArrayList<>(graph.values());
  }

  /**
   * The graph with its layers changed.
   *
   * @param changes of linear layers of the graph, with a name each; several may change one layer
   * @throws AdapterException if a change is of no linear layer, or names are not unique
   */
  public static Graph adapt(Graph graph, List<LowRank> changes) {
    requireNames(graph, changes);
    return new LoraGraph(graph, List.copyOf(changes)).adapted();
  }

  private static void requireNames(Graph graph, List<LowRank> changes) {
    Set<String> names = new HashSet<>();
    graph.weights().forEach(weight -> names.add(weight.name()));
    for (LowRank change : changes) {
      if (!names.add(change.a().name()) || !names.add(change.b().name())) {
        throw new AdapterException(
            "graph " + graph.name() + " has " + change.a() + " or " + change.b() + " already");
      }
    }
  }

  private Graph adapted() {
    graph.nodes().forEach(this::copy);
    for (LowRank change : changes) {
      if (!used.contains(change)) {
        throw new AdapterException(
            "graph " + graph.name() + " has no linear layer with the matrix " + change.base());
      }
    }
    return new Graph(graph.name(), nodes, values, graph.kvLayers(), graph.output());
  }

  private void copy(Node node) {
    if (!(node.op() instanceof Op.Linear linear)) {
      add(node, node.name(), node.op(), node.output());
      return;
    }
    List<LowRank> its = changes.stream().filter(c -> c.covers(linear.weight())).toList();
    Value output = node.output().orElseThrow();
    Value sum = its.isEmpty() ? output : newValue(output, output.width());
    add(node, node.name(), linear, Optional.of(sum));
    for (int i = 0; i < its.size(); i++) {
      Value next = i == its.size() - 1 ? output : newValue(output, output.width());
      change(node, linear, its.get(i), i, sum, next);
      sum = next;
    }
  }

  /** {@code next = sum + B s}. */
  private void change(
      Node node, Op.Linear linear, LowRank change, int index, Value sum, Value next) {
    used.add(change);
    String name = node.name() + ".lora" + index;
    Value s =
        scaled.computeIfAbsent(
            new Input(change, linear.input()), input -> scaled(node, name, input));
    Value low = linear(node, name + ".b", s, change.rowsOfB(linear.weight()));
    add(node, name, new Op.Add(sum, low), Optional.of(next));
  }

  private Value scaled(Node node, String name, Input input) {
    Value a = linear(node, name + ".a", input.x, input.change.a());
    if (input.change.scale() == 1) {
      return a;
    }
    Value s = newValue(a, a.width());
    add(node, name + ".scale", new Op.Scale(a, input.change.scale()), Optional.of(s));
    return s;
  }

  private Value linear(Node node, String name, Value x, Weight weight) {
    Value y = newValue(x, weight.rows());
    add(node, name, new Op.Linear(x, weight, Weight.none()), Optional.of(y));
    return y;
  }

  private Value newValue(Value like, int width) {
    Value value = new Value(values.size(), like.rows(), width);
    values.add(value);
    return value;
  }

  /** Adds a node to the block of {@code of}. */
  private void add(Node of, String name, Op op, Optional<Value> output) {
    nodes.add(new Node(nodes.size(), name, of.layer(), op, output));
  }
}
