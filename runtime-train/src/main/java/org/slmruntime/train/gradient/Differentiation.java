package org.slmruntime.train.gradient;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.TrainException;

/**
 * Makes a {@link BackwardProgram}. A first walk, forward, finds the values that depend on a trained
 * weight; a second, backward from the output, differentiates the operations that lie between both.
 * Gradients of the keys and values that attention reads go to what its layer's {@link Op.KvAppend}
 * was given.
 */
final class Differentiation {
  private final Graph graph;
  private final Set<Weight> trained;
  private final Sources sources = new Sources();

  /** By value id: whether it depends on a trained weight. */
  private final boolean[] depends;

  /** By value id: whether its gradient has a first term. */
  private final boolean[] begun;

  /**
   * @throws TrainException if a weight is not of the graph or overlaps with another, or a layer of
   *     the cache is not written exactly once before it is read
   */
  Differentiation(Graph graph, Set<Weight> trained) {
    this.graph = graph;
    this.trained = trained;
    this.depends = new boolean[graph.values().size()];
    this.begun = new boolean[graph.values().size()];
    TrainedWeights.check(graph, trained);
    for (Node node : graph.nodes()) {
      readInOrder(node);
    }
  }

  /**
   * @throws TrainException if the output does not depend on one of the trained weights
   */
  BackwardProgram program() {
    begun[graph.output().id()] = depends[graph.output().id()];
    List<Gradient> steps = new ArrayList<>();
    for (Node node : graph.nodes().reversed()) {
      node.output()
          .filter(output -> begun[output.id()])
          .ifPresent(output -> steps.add(gradient(node.op(), output)));
    }
    requireAll(steps);
    Set<Weight> ordered = new LinkedHashSet<>(graph.weights());
    ordered.retainAll(trained);
    return new BackwardProgram(graph, ordered, steps);
  }

  private void readInOrder(Node node) {
    if (!sources.add(node.op())) {
      throw error(node, "writes the keys and values of a layer again");
    }
    if (node.op() instanceof Op.Attention op && sources.append(op.layer()) == null) {
      throw error(node, "reads keys and values of layer " + op.layer() + ", which has none yet");
    }
    boolean dependent =
        node.op().weights().stream().anyMatch(trained::contains)
            || sources.of(node.op()).stream().anyMatch(value -> depends[value.id()]);
    node.output().ifPresent(output -> depends[output.id()] = dependent);
  }

  private TrainException error(Node node, String problem) {
    return new TrainException(
        "graph " + graph.name() + " cannot be trained: " + node.qualifiedName() + " " + problem);
  }

  private Gradient gradient(Op operation, Value y) {
    return switch (operation) {
      case Op.Embed op -> new Gradient.Embed(op, y);
      case Op.Linear op ->
          new Gradient.Linear(
              op,
              y,
              term(op.input()),
              trains(op.weight()),
              op.bias().filter(this::trains).isPresent());
      case Op.RmsNorm op -> new Gradient.RmsNorm(op, y, term(op.input()), trains(op.weight()));
      case Op.Rope op -> new Gradient.Rope(op, y, onlyTerm(op.input()));
      case Op.KvAppend _ -> throw new IllegalStateException("what has no output has no gradient");
      case Op.Attention op -> attention(op, sources.append(op.layer()), y);
      case Op.GatedActivation op ->
          new Gradient.GatedActivation(op, y, term(op.gate()), term(op.up()));
      case Op.Add op -> new Gradient.Add(op, y, term(op.left()), term(op.right()));
      case Op.Mul op -> new Gradient.Mul(op, y, term(op.left()), term(op.right()));
      case Op.Scale op -> new Gradient.Scale(op, y, onlyTerm(op.input()));
      case Op.Softcap op -> new Gradient.Softcap(op, y, onlyTerm(op.input()));
      case Op.GatherRows op -> new Gradient.GatherRows(op, y, onlyTerm(op.input()));
    };
  }

  private Gradient attention(Op.Attention op, Op.KvAppend append, Value y) {
    return new Gradient.Attention(
        op,
        append,
        y,
        term(op.query()),
        term(append.key()),
        term(append.value()),
        op.sinks().filter(this::trains).isPresent());
  }

  private boolean trains(Weight weight) {
    return trained.contains(weight);
  }

  /** The next term of a value's gradient, if anyone needs that gradient. */
  private Optional<Contribution> term(Value value) {
    if (!depends[value.id()]) {
      return Optional.empty();
    }
    Contribution term = new Contribution(value, begun[value.id()]);
    begun[value.id()] = true;
    return Optional.of(term);
  }

  /** Of an operation without weights and with one input, which depends on whatever it does. */
  private Contribution onlyTerm(Value input) {
    return term(input).orElseThrow();
  }

  private void requireAll(List<Gradient> steps) {
    Set<Weight> reached = new HashSet<>();
    steps.forEach(step -> reached.addAll(step.weights()));
    for (Weight weight : trained) {
      if (!reached.contains(weight)) {
        throw new TrainException(
            "the output of graph " + graph.name() + " does not depend on " + weight);
      }
    }
  }
}
