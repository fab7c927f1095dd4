package org.slmruntime.train.reference;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.slmruntime.graph.Activation;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;

/** The gradient of every operation beside finite differences, on shapes around small edges. */
class OperationGradientTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  @Test
  void embeddedAndGatheredRows() {
    for (int width : new int[] {1, 3, 8}) {
      GradientCase c = new GradientCase("width " + width, seed + width);
      c.check(c.input("x", width));
    }
  }

  @Test
  void linearLayersWithAndWithoutBias() {
    for (int rows : new int[] {1, 3, 8, 17}) {
      for (int columns : new int[] {1, 4, 9, 16}) {
        linear(rows, columns, true);
        linear(rows, columns, false);
      }
    }
  }

  private void linear(int rows, int columns, boolean biased) {
    GradientCase c = new GradientCase(rows + "x" + columns + ", " + biased, seed + rows);
    Optional<Weight> bias = biased ? Optional.of(c.vector("b", rows, 0)) : Weight.none();
    Value x = c.input("x", columns);
    c.check(c.graph.linear("y", x, c.matrix("w", rows, columns), bias));
  }

  @Test
  void normsOfRowsAndOfGroups() {
    for (int size : new int[] {1, 2, 3, 8, 17}) {
      for (int groups : new int[] {1, 3}) {
        norm(size, groups, true);
        norm(size, groups, false);
      }
    }
  }

  private void norm(int size, int groups, boolean shared) {
    String name = groups + " groups of " + size + ", shared " + shared;
    GradientCase c = new GradientCase(name, seed + size);
    Weight weight = c.vector("w", shared ? size : groups * size, 1);
    c.check(c.graph.rmsNorm("y", c.input("x", groups * size), weight, groups, 0.01f));
  }

  @Test
  void rotationsOfBothPairings() {
    for (RotaryTable.Pairing pairing : RotaryTable.Pairing.values()) {
      for (int pairs : new int[] {1, 2, 5}) {
        for (int rest : new int[] {0, 3}) {
          rotation(pairing, pairs, rest);
        }
      }
    }
  }

  private void rotation(RotaryTable.Pairing pairing, int pairs, int rest) {
    GradientCase c = new GradientCase(pairing + " " + pairs + "+" + rest, seed + pairs);
    double[] frequencies = new double[pairs];
    Arrays.setAll(frequencies, i -> Math.pow(0.3, i));
    RotaryTable table = new RotaryTable(pairing, frequencies, 1.1);
    c.check(c.graph.rope("y", c.input("x", 2 * (2 * pairs + rest)), 2, table));
  }

  @Test
  void attentionOfEveryKind() {
    attention(1, 1, 1, 1, 0, 0, false);
    attention(2, 2, 3, 3, 0, 0, false);
    attention(4, 2, 4, 2, 0, 0, false);
    attention(6, 2, 2, 5, 0, 1.5f, false);
    attention(3, 1, 3, 2, 2, 0, false);
    attention(4, 1, 2, 2, 0, 0, true);
    attention(4, 2, 5, 3, 3, 2, true);
    attention(2, 1, 2, 2, 1, 0, true);
  }

  private void attention(
      int heads, int kvHeads, int keySize, int valueSize, int window, float cap, boolean sinks) {
    String name = heads + "/" + kvHeads + " heads of " + keySize + " and " + valueSize;
    GradientCase c = new GradientCase(name + ", window " + window + ", cap " + cap, seed + heads);
    KvLayer kv = c.graph.kvLayer(kvHeads, keySize, valueSize);
    Value query = c.input("q", heads * keySize);
    c.graph.kvAppend("kv", c.input("k", kv.keyWidth()), c.input("v", kv.valueWidth()), kv);
    Optional<Weight> sink = sinks ? Optional.of(c.vector("sinks", heads, 0)) : Weight.none();
    Op.Attention op = new Op.Attention(query, kv, heads, 0.6f, cap, window, sink);
    c.check(c.graph.attention("y", op));
  }

  @Test
  void attentionOfAValueToItself() {
    GradientCase c = new GradientCase("self", seed);
    Value x = c.input("x", 6);
    KvLayer kv = c.graph.kvLayer(2, 3, 3);
    c.graph.kvAppend("kv", x, x, kv);
    c.check(c.graph.attention("y", new Op.Attention(x, kv, 2, 0.5f, 0, 0, Weight.none())));
  }

  @Test
  void severalAttentionsToTheSameKeys() {
    GradientCase c = new GradientCase("shared keys", seed);
    KvLayer kv = c.graph.kvLayer(1, 3, 4);
    c.graph.kvAppend("kv", c.input("k", 3), c.input("v", 4), kv);
    Value[] mixed = new Value[2];
    for (int i = 0; i < 2; i++) {
      Value query = c.input("q" + i, 6);
      Op.Attention op = new Op.Attention(query, kv, 2, 0.5f, 0, i, Weight.none());
      mixed[i] = c.graph.attention("a" + i, op);
    }
    c.check(c.graph.mul("y", mixed[0], mixed[1]));
  }

  @Test
  void gatesOfEveryActivation() {
    for (Activation activation : Activation.values()) {
      pointwise(activation.name(), (g, in) -> g.gatedActivation("y", in[0], in[1], activation));
      pointwise(
          activation + " itself", (g, in) -> g.gatedActivation("y", in[0], in[0], activation));
    }
  }

  @Test
  void sumsProductsFactorsAndCaps() {
    pointwise("add", (g, in) -> g.add("y", in[0], in[1]));
    pointwise("double", (g, in) -> g.add("y", in[0], in[0]));
    pointwise("mul", (g, in) -> g.mul("y", in[0], in[1]));
    pointwise("square", (g, in) -> g.mul("y", in[0], in[0]));
    pointwise("scale", (g, in) -> g.scale("y", in[0], -0.7f));
    pointwise("softcap", (g, in) -> g.softcap("y", in[0], 1.5f));
  }

  private void pointwise(String name, BiFunction<GraphBuilder, Value[], Value> op) {
    for (int width : new int[] {1, 7, 16}) {
      GradientCase c = new GradientCase(name + " of width " + width, seed + width);
      Value[] inputs = {c.input("a", width), c.input("b", width)};
      // Whatever the operation does not read still has an influence.
      Value both = c.graph.mul("both", inputs[0], inputs[1]);
      c.check(c.graph.add("sum", op.apply(c.graph, inputs), both));
    }
  }

  @Test
  void valuesThatManyOperationsUse() {
    GradientCase c = new GradientCase("fan", seed);
    Value x = c.input("x", 5);
    Weight w = c.matrix("w", 5, 5);
    Value y = x;
    for (int i = 0; i < 3; i++) {
      y = c.graph.add("residual" + i, y, c.graph.linear("layer" + i, y, w, Weight.none()));
      y = c.graph.mul("gate" + i, y, c.graph.softcap("cap" + i, x, 2));
    }
    c.check(y);
  }
}
