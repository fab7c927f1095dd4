package org.slmruntime.cuda.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;

/**
 * Finds operations of a graph that one kernel computes together. Patterns look only at who reads
 * what, never at names: a value that anything else reads is still made.
 */
public final class Fuser {
  private final Graph graph;
  private final Uses uses;
  private final Products products;

  /** The step that runs in a node's place, by the node's index; null where another's does. */
  private final Step[] steps;

  private final boolean[] taken;
  private final Map<Value, Value> places = new HashMap<>();

  private Fuser(Graph graph, Uses uses, Products products) {
    this.graph = graph;
    this.uses = uses;
    this.products = products;
    this.steps = new Step[graph.nodes().size()];
    this.taken = new boolean[steps.length];
  }

  /**
   * With everything fused that can be.
   *
   * @param types formats of the stored weights
   */
  public static Program fuse(Graph graph, Function<Weight, DType> types) {
    Uses uses = new Uses(graph);
    Fuser fuser = new Fuser(graph, uses, new Products(uses, types, true));
    fuser.appends();
    fuser.gatedProducts();
    fuser.residuals();
    fuser.norms();
    fuser.stacks();
    fuser.inPlace();
    fuser.singles();
    return fuser.program();
  }

  /** A step for each node and a place for each value, for observers. */
  public static Program separate(Graph graph) {
    Uses uses = new Uses(graph);
    Fuser fuser = new Fuser(graph, uses, new Products(uses, _ -> DType.F32, false));
    fuser.singles();
    return fuser.program();
  }

  private Program program() {
    List<Step> present = new ArrayList<>();
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (steps[node.index()] != null) {
        present.add(steps[node.index()]);
        nodes.add(node);
      }
    }
    return Program.of(graph, present, nodes, places);
  }

  private void put(Node at, Step step, List<Node> others) {
    steps[at.index()] = step;
    taken[at.index()] = true;
    others.forEach(node -> taken[node.index()] = true);
  }

  /** Norm and rotation of heads on their way to the cache. */
  private void appends() {
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.KvAppend op) {
        AppendPattern pattern = AppendPattern.match(node, op, graph, uses);
        put(node, pattern.step(), pattern.nodes());
        places.putAll(pattern.places());
      }
    }
  }

  private void gatedProducts() {
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.GatedActivation op && products.canGate(op)) {
        put(
            node,
            products.gated(op, node.output().orElseThrow()),
            List.of(uses.producer(op.gate()), uses.producer(op.up())));
      }
    }
  }

  private void residuals() {
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Add op && !residual(node, op.right(), op.left())) {
        residual(node, op.left(), op.right());
      }
    }
  }

  private boolean residual(Node add, Value product, Value residual) {
    Node linear = uses.producer(product);
    if (!(linear.op() instanceof Op.Linear op)
        || taken[linear.index()]
        || !uses.isSingle(product)) {
      return false;
    }
    put(
        add,
        products.plain(op, Optional.of(residual), add.output().orElseThrow()),
        List.of(linear));
    return true;
  }

  /** Norms that products compute themselves. */
  private void norms() {
    for (Node node : graph.nodes()) {
      if (node.output().isPresent() && products.norm(node.output().get()).isPresent()) {
        taken[node.index()] = true;
      }
    }
  }

  private void stacks() {
    List<Node> linear =
        graph.nodes().stream()
            .filter(n -> n.op() instanceof Op.Linear && !taken[n.index()])
            .toList();
    for (List<Node> group : products.groups(linear)) {
      put(group.getFirst(), products.stacked(group), group);
    }
  }

  /** Element-wise results take their only argument's place. */
  private void inPlace() {
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Scale || node.op() instanceof Op.Softcap) {
        Value input = node.op().inputs().getFirst();
        if (uses.isSingle(input)) {
          places.put(node.output().orElseThrow(), input);
        }
      }
    }
  }

  private void singles() {
    for (Node node : graph.nodes()) {
      if (!taken[node.index()]) {
        put(node, single(node), List.of());
      }
    }
  }

  private Step single(Node node) {
    return switch (node.op()) {
      case Op.Linear op -> products.plain(op, Optional.empty(), node.output().orElseThrow());
      case Op.KvAppend op -> AppendPattern.alone(op).step();
      default -> new Step.Single(node.op(), node.output().orElseThrow());
    };
  }
}
