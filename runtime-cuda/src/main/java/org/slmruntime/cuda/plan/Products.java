package org.slmruntime.cuda.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;

/** Makes products of linear operations, with the norm before them if nobody else reads it. */
final class Products {
  /** Parts of a result start at whole vectors of this many floats. */
  private static final int ALIGNMENT = 4;

  private final Uses uses;
  private final Function<Weight, DType> types;
  private final boolean withNorms;

  Products(Uses uses, Function<Weight, DType> types, boolean withNorms) {
    this.uses = uses;
    this.types = types;
    this.withNorms = withNorms;
  }

  /** The norm that makes {@code value}, if products alone read it. */
  Optional<Op.RmsNorm> norm(Value value) {
    List<Node> readers = uses.consumers(value);
    boolean products =
        withNorms
            && !readers.isEmpty()
            && !uses.isOutput(value)
            && readers.stream().allMatch(n -> n.op() instanceof Op.Linear);
    return products
            && uses.producer(value).op() instanceof Op.RmsNorm norm
            && norm.groups() == 1
            && norm.weight().elements() == value.width()
        ? Optional.of(norm)
        : Optional.empty();
  }

  Step.Product plain(Op.Linear op, Optional<Value> residual, Value output) {
    return product(
        op, Stack.of(op.weight()), op.bias().map(StackedVector::of), residual, List.of(output));
  }

  /** Whether gate and up projections read the same input, and only the activation reads them. */
  boolean canGate(Op.GatedActivation op) {
    return uses.isSingle(op.gate())
        && uses.isSingle(op.up())
        && uses.producer(op.gate()).op() instanceof Op.Linear gate
        && uses.producer(op.up()).op() instanceof Op.Linear up
        && gate.input().equals(up.input())
        && type(gate) == type(up)
        && uses.isExclusive(gate.weight())
        && uses.isExclusive(up.weight());
  }

  Step.Product gated(Op.GatedActivation op, Value output) {
    Op.Linear gate = (Op.Linear) uses.producer(op.gate()).op();
    Op.Linear up = (Op.Linear) uses.producer(op.up()).op();
    Step.Product product =
        product(
            gate,
            new Stack(List.of(gate.weight(), up.weight()), true),
            bias(List.of(gate, up), true),
            Optional.empty(),
            List.of(output));
    return new Step.Product(
        product.input(),
        product.norm(),
        product.matrix(),
        product.bias(),
        Optional.of(op.activation()),
        product.residual(),
        product.outputs());
  }

  /** Linear nodes that become one product each, in order of their first node. */
  List<List<Node>> groups(List<Node> linear) {
    Map<List<?>, List<Node>> groups = new LinkedHashMap<>();
    for (Node node : linear) {
      Op.Linear op = (Op.Linear) node.op();
      Object own =
          uses.isExclusive(op.weight())
                  && op.weight().rows() % ALIGNMENT == 0
                  && !uses.isOutput(node.output().orElseThrow())
              ? "shared"
              : node;
      groups.computeIfAbsent(List.of(op.input(), type(op), own), _ -> new ArrayList<>()).add(node);
    }
    return List.copyOf(groups.values());
  }

  Step.Product stacked(List<Node> group) {
    List<Op.Linear> parts = group.stream().map(n -> (Op.Linear) n.op()).toList();
    return product(
        parts.getFirst(),
        new Stack(parts.stream().map(Op.Linear::weight).toList(), false),
        bias(parts, false),
        Optional.empty(),
        group.stream().map(n -> n.output().orElseThrow()).toList());
  }

  private Step.Product product(
      Op.Linear op,
      Stack matrix,
      Optional<StackedVector> bias,
      Optional<Value> residual,
      List<Value> outputs) {
    Optional<Op.RmsNorm> norm = norm(op.input());
    return new Step.Product(
        norm.map(Op.RmsNorm::input).orElse(op.input()),
        norm.map(n -> new Step.InputNorm(n.weight(), n.epsilon())),
        matrix,
        bias,
        Optional.empty(),
        residual,
        outputs);
  }

  private static Optional<StackedVector> bias(List<Op.Linear> parts, boolean interleaved) {
    Stream<StackedVector.Part> biases =
        parts.stream().map(p -> new StackedVector.Part(p.bias(), p.weight().rows()));
    return parts.stream().allMatch(p -> p.bias().isEmpty())
        ? Optional.empty()
        : Optional.of(new StackedVector(biases.toList(), interleaved));
  }

  private DType type(Op.Linear op) {
    return types.apply(op.weight());
  }
}
