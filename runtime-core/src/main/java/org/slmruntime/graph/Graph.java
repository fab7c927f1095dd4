package org.slmruntime.graph;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What one step of a model computes. Nodes are in execution order; every value is defined once,
 * before its use. Immutable and free of weights' data, so it can be compiled for several backends.
 *
 * @param name of the model, for people
 * @param nodes in execution order
 * @param values by id
 * @param kvLayers by index
 * @param output the result of a step: [OUTPUTS x vocabulary] logits
 */
public record Graph(
    String name, List<Node> nodes, List<Value> values, List<KvLayer> kvLayers, Value output) {
  public Graph {
    nodes = List.copyOf(nodes);
    values = List.copyOf(values);
    kvLayers = List.copyOf(kvLayers);
  }

  /** Every weight read, once, in order of first use. */
  public Set<Weight> weights() {
    Set<Weight> weights = new LinkedHashSet<>();
    nodes.forEach(node -> weights.addAll(node.op().weights()));
    return weights;
  }

  /** Width of the output: the number of logits per row. */
  public int outputWidth() {
    return output.width();
  }

  /** Token ids index the embedding tables; the smallest bounds them all. */
  public int vocabulary() {
    return nodes.stream()
        .filter(n -> n.op() instanceof Op.Embed)
        .mapToInt(n -> ((Op.Embed) n.op()).table().rows())
        .min()
        .orElse(Integer.MAX_VALUE);
  }

  /** A line per node: name, operation, shapes. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("graph ").append(name).append('\n');
    for (Node node : nodes) {
      text.append("  ");
      node.output().ifPresent(v -> text.append(v + ": " + v.rows() + "x" + v.width() + " = "));
      text.append(node.qualifiedName()).append(" = ").append(node.op()).append('\n');
    }
    return text.append("  return ").append(output).append('\n').toString();
  }
}
