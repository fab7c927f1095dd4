package org.slmruntime.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Builds a {@link Graph} node by node, inferring and checking shapes. Not thread-safe; use once.
 *
 * <p>Each method's first argument names the node; {@link #layer(int)} sets the block it belongs to.
 */
public final class GraphBuilder {
  private final String name;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Value> values = new ArrayList<>();
  private final List<KvLayer> kvLayers = new ArrayList<>();
  private int layer = -1;

  public GraphBuilder(String name) {
    this.name = name;
  }

  /** Nodes added from now on belong to block {@code index}; -1 for none. */
  public GraphBuilder layer(int index) {
    layer = index;
    return this;
  }

  /** Declares one more layer of the key/value cache. */
  public KvLayer kvLayer(int heads, int keySize, int valueSize) {
    check(heads > 0 && keySize > 0 && valueSize > 0, "kv layer", heads + "x" + keySize);
    KvLayer kv = new KvLayer(kvLayers.size(), heads, keySize, valueSize);
    kvLayers.add(kv);
    return kv;
  }

  public Value embed(String node, Weight table) {
    return add(node, new Op.Embed(table), Rows.TOKENS, table.columns());
  }

  public Value linear(String node, Value input, Weight weight, Optional<Weight> bias) {
    check(weight.columns() == input.width(), node, weight + " times width " + input.width());
    bias.ifPresent(b -> check(b.elements() == weight.rows(), node, b + " added to " + weight));
    return add(node, new Op.Linear(input, weight, bias), input.rows(), weight.rows());
  }

  public Value rmsNorm(String node, Value input, Weight weight, int groups, float epsilon) {
    check(groups > 0 && input.width() % groups == 0, node, input.width() + " in " + groups);
    long n = weight.elements();
    check(n == input.width() || n == input.width() / groups, node, weight + " on " + input.width());
    return add(node, new Op.RmsNorm(input, weight, groups, epsilon), input.rows(), input.width());
  }

  public Value rope(String node, Value input, int heads, RotaryTable table) {
    check(input.rows() == Rows.TOKENS, node, "rows have no position");
    check(heads > 0 && input.width() % heads == 0, node, input.width() + " in " + heads + " heads");
    int size = input.width() / heads;
    check(table.rotatedSize() <= size, node, "rotates " + table.rotatedSize() + " of " + size);
    return add(node, new Op.Rope(input, heads, table), input.rows(), input.width());
  }

  public void kvAppend(String node, Value key, Value value, KvLayer kv) {
    check(kvLayers.contains(kv), node, "undeclared " + kv);
    check(key.rows() == Rows.TOKENS && value.rows() == Rows.TOKENS, node, "rows are no tokens");
    check(key.width() == kv.keyWidth(), node, "keys of " + key.width() + " into " + kv);
    check(value.width() == kv.valueWidth(), node, "values of " + value.width() + " into " + kv);
    nodes.add(
        new Node(nodes.size(), node, layer, new Op.KvAppend(key, value, kv), Optional.empty()));
  }

  public Value attention(String node, Op.Attention op) {
    KvLayer kv = op.layer();
    check(kvLayers.contains(kv), node, "undeclared " + kv);
    check(op.query().rows() == Rows.TOKENS, node, "rows are no tokens");
    check(op.heads() > 0 && op.heads() % kv.heads() == 0, node, op.heads() + " heads over " + kv);
    check(
        op.query().width() == op.heads() * kv.keySize(),
        node,
        "queries of " + op.query().width() + " for " + op.heads() + " heads of " + kv.keySize());
    op.sinks().ifPresent(s -> check(s.elements() == op.heads(), node, s + " for " + op.heads()));
    return add(node, op, Rows.TOKENS, op.heads() * kv.valueSize());
  }

  public Value gatedActivation(String node, Value gate, Value up, Activation activation) {
    sameShape(node, gate, up);
    return add(node, new Op.GatedActivation(gate, up, activation), gate.rows(), gate.width());
  }

  public Value add(String node, Value left, Value right) {
    sameShape(node, left, right);
    return add(node, new Op.Add(left, right), left.rows(), left.width());
  }

  public Value mul(String node, Value left, Value right) {
    sameShape(node, left, right);
    return add(node, new Op.Mul(left, right), left.rows(), left.width());
  }

  public Value scale(String node, Value input, float factor) {
    return add(node, new Op.Scale(input, factor), input.rows(), input.width());
  }

  public Value softcap(String node, Value input, float cap) {
    check(cap > 0, node, "cap " + cap);
    return add(node, new Op.Softcap(input, cap), input.rows(), input.width());
  }

  public Value gatherRows(String node, Value input) {
    check(input.rows() == Rows.TOKENS, node, "rows are no tokens");
    return add(node, new Op.GatherRows(input), Rows.OUTPUTS, input.width());
  }

  public Graph build(Value output) {
    check(output.rows() == Rows.OUTPUTS, "output", "rows are " + output.rows());
    return new Graph(name, nodes, values, kvLayers, output);
  }

  private Value add(String node, Op op, Rows rows, int width) {
    check(width > 0, node, "width " + width);
    for (Value input : op.inputs()) {
      check(input.id() < values.size() && values.get(input.id()).equals(input), node, "foreign");
    }
    Value output = new Value(values.size(), rows, width);
    values.add(output);
    nodes.add(new Node(nodes.size(), node, layer, op, Optional.of(output)));
    return output;
  }

  private void sameShape(String node, Value left, Value right) {
    check(
        left.rows() == right.rows() && left.width() == right.width(),
        node,
        left.rows() + "x" + left.width() + " with " + right.rows() + "x" + right.width());
  }

  private void check(boolean fits, String node, String problem) {
    if (!fits) {
      String place = layer < 0 ? node : "blk." + layer + "." + node;
      throw new GraphException("graph " + name + ", " + place + ": shapes do not fit: " + problem);
    }
  }
}
