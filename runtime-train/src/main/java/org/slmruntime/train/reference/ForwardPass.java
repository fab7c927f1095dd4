package org.slmruntime.train.reference;

import java.util.HashMap;
import java.util.Map;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.Rows;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.Dropout;
import org.slmruntime.train.TrainingBatch;

/** The values of a graph for one batch, all of them kept. */
final class ForwardPass {
  private final Graph graph;
  private final TrainingBatch batch;
  private final Dropout dropout;
  private final Map<Weight, double[]> weights;
  private final double[][] values;
  private final Map<KvLayer, Op.KvAppend> cache = new HashMap<>();

  ForwardPass(Graph graph, TrainingBatch batch, Dropout dropout, Map<Weight, double[]> weights) {
    batch.requireIdsBelow(graph.vocabulary(), graph.outputWidth());
    this.graph = graph;
    this.batch = batch;
    this.dropout = dropout;
    this.weights = weights;
    this.values = new double[graph.values().size()][];
    for (Node node : graph.nodes()) {
      run(node);
    }
  }

  TrainingBatch batch() {
    return batch;
  }

  double[] output() {
    return value(graph.output());
  }

  /** A value's rows, one after the other. */
  double[] value(Value value) {
    return values[value.id()];
  }

  double[] weight(Weight weight) {
    return weights.get(weight);
  }

  int rows(Value value) {
    return value.rows() == Rows.TOKENS ? batch.tokenCount() : batch.outputCount();
  }

  /** What a linear layer multiplies: its input after dropout. */
  double[] input(Op.Linear op) {
    return thinned(op.weight(), value(op.input()));
  }

  /** Dropout of an input, or of the gradient of one; the same array where there is none. */
  double[] thinned(Weight weight, double[] x) {
    return dropout.thins(weight) ? Pointwise.thinned(dropout, weight, x) : x;
  }

  /** Zeros in the shape of a value. */
  double[] zeros(Value value) {
    return new double[Sizes.elements("value " + value, rows(value), value.width())];
  }

  /** The attention of an operation over the keys and values of this batch. */
  SoftmaxAttention attention(Op.Attention op, Op.KvAppend append) {
    return new SoftmaxAttention(
        op,
        value(op.query()),
        value(append.key()),
        value(append.value()),
        op.sinks().map(this::weight).orElse(null),
        batch);
  }

  private void run(Node node) {
    int width = node.output().map(Value::width).orElse(0);
    double[] y = node.output().map(this::begin).orElse(null);
    switch (node.op()) {
      case Op.Embed op -> Gathering.embed(weight(op.table()), batch, width, y);
      case Op.Linear op -> linear(op, y);
      case Op.RmsNorm op ->
          RmsNorms.apply(
              value(op.input()), weight(op.weight()), op.groups(), op.epsilon(), width, y);
      case Op.Rope op -> Rotation.apply(value(op.input()), op.heads(), op.table(), batch, width, y);
      case Op.KvAppend op -> cache.put(op.layer(), op);
      case Op.Attention op -> attention(op, cache.get(op.layer())).apply(y);
      case Op.GatedActivation op ->
          Gating.apply(op.activation(), value(op.gate()), value(op.up()), y);
      case Op.Add op -> Pointwise.add(value(op.left()), value(op.right()), y);
      case Op.Mul op -> Pointwise.mul(value(op.left()), value(op.right()), y);
      case Op.Scale op -> Pointwise.scale(value(op.input()), op.factor(), y);
      case Op.Softcap op -> Pointwise.softcap(value(op.input()), op.cap(), y);
      case Op.GatherRows op -> Gathering.rows(value(op.input()), batch, width, y);
    }
  }

  /** Makes room for a value. */
  private double[] begin(Value value) {
    values[value.id()] = zeros(value);
    return values[value.id()];
  }

  private void linear(Op.Linear op, double[] y) {
    Products.apply(weight(op.weight()), input(op), op.weight().columns(), y);
    op.bias().ifPresent(bias -> Products.addBias(weight(bias), y));
  }
}
