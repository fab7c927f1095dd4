package org.slmruntime.benchmarks.training;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.slmruntime.benchmarks.models.Shape;
import org.slmruntime.graph.Activation;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;

/** A llama-like model of some shape, to be trained from random weights. */
final class Decoder {
  private final Shape shape;
  private final GraphBuilder builder = new GraphBuilder("decoder");
  private final RotaryTable rope;

  private Decoder(Shape shape) {
    this.shape = shape;
    double[] frequencies = new double[shape.headSize() / 2];
    Arrays.setAll(frequencies, i -> Math.pow(shape.ropeBase(), -2.0 * i / shape.headSize()));
    this.rope = new RotaryTable(RotaryTable.Pairing.ADJACENT, frequencies, 1);
  }

  static Graph graph(Shape shape) {
    return new Decoder(shape).build();
  }

  /** Numbers for all weights of a graph, so that products keep about the size of their inputs. */
  static Map<Weight, float[]> weights(Graph graph, long seed) {
    Random random = new Random(seed);
    Map<Weight, float[]> weights = new LinkedHashMap<>();
    for (Weight weight : graph.weights()) {
      float[] values = new float[Math.toIntExact(weight.elements())];
      boolean norm = weight.rows() == 1;
      for (int i = 0; i < values.length; i++) {
        values[i] = norm ? 1 : (float) (random.nextGaussian() / Math.sqrt(weight.columns()));
      }
      weights.put(weight, values);
    }
    return weights;
  }

  private Graph build() {
    Weight table = Weight.matrix("embedding", shape.vocabulary(), shape.width());
    Value x = builder.embed("embedding", table);
    for (int i = 0; i < shape.layers(); i++) {
      builder.layer(i);
      x = builder.add("attention_sum", x, attention("blk." + i + ".", norm(x, "blk." + i + ".1")));
      x = builder.add("inner_sum", x, inner("blk." + i + ".", norm(x, "blk." + i + ".2")));
    }
    x = builder.gatherRows("rows", norm(x, "last"));
    return builder.build(builder.linear("logits", x, table, Weight.none()));
  }

  private Value norm(Value x, String name) {
    Weight weight = Weight.vector(name + ".norm", shape.width());
    return builder.rmsNorm(name, x, weight, 1, (float) shape.epsilon());
  }

  private Value linear(Value x, String name, int rows) {
    return builder.linear(name, x, Weight.matrix(name, rows, x.width()), Weight.none());
  }

  private Value attention(String block, Value x) {
    KvLayer layer = builder.kvLayer(shape.kvHeads(), shape.headSize(), shape.headSize());
    Value query = builder.rope("q", linear(x, block + "q", shape.width()), shape.heads(), rope);
    Value key = builder.rope("k", linear(x, block + "k", shape.kvWidth()), shape.kvHeads(), rope);
    builder.kvAppend("kv", key, linear(x, block + "v", shape.kvWidth()), layer);
    float scale = (float) (1 / Math.sqrt(shape.headSize()));
    Op.Attention op = new Op.Attention(query, layer, shape.heads(), scale, 0, 0, Optional.empty());
    return linear(builder.attention("attention", op), block + "out", shape.width());
  }

  private Value inner(String block, Value x) {
    Value gate = linear(x, block + "gate", shape.inner());
    Value up = linear(x, block + "up", shape.inner());
    Value gated = builder.gatedActivation("gated", gate, up, Activation.SILU);
    return linear(gated, block + "down", shape.width());
  }
}
