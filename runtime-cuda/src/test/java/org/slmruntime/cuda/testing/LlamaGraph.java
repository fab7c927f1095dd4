package org.slmruntime.cuda.testing;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.slmruntime.graph.Activation;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;
import org.slmruntime.testkit.RandomWeights;

/**
 * A decoder as Llama and Qwen are, with separate projections, in a size that an interpreter runs.
 *
 * @param weights of the graph
 */
public record LlamaGraph(Graph graph, RandomWeights weights) {
  public static final int VOCABULARY = 90;
  public static final int WIDTH = 256;
  public static final int HEADS = 4;
  public static final int KV_HEADS = 2;
  public static final int HEAD_SIZE = 64;
  public static final int INNER = 512;

  /** What differs between families. */
  public record Shape(int layers, DType type, boolean headNorms, boolean biases, boolean tied) {
    public static Shape llama(int layers, DType type) {
      return new Shape(layers, type, false, false, false);
    }

    public static Shape qwen2(int layers, DType type) {
      return new Shape(layers, type, false, true, true);
    }

    public static Shape qwen3(int layers, DType type) {
      return new Shape(layers, type, true, false, true);
    }
  }

  /** Makes one with random weights. */
  public static LlamaGraph make(long seed, Shape shape) {
    Builder builder = new Builder(shape, new RandomWeights(new Random(seed)));
    return new LlamaGraph(builder.build(), builder.weights);
  }

  private record Builder(Shape shape, RandomWeights weights, GraphBuilder graph) {
    Builder(Shape shape, RandomWeights weights) {
      this(shape, weights, new GraphBuilder("llama"));
    }

    Graph build() {
      Weight table = weights.matrix("embed", VOCABULARY, WIDTH, shape.type);
      Value x = graph.embed("embed", table);
      for (int layer = 0; layer < shape.layers; layer++) {
        graph.layer(layer);
        x = graph.add("attn_residual", x, attention(x, layer + "."));
        x = graph.add("ffn_residual", x, feedForward(x, layer + "."));
      }
      graph.layer(-1);
      Value rows = norm("output_norm", graph.gatherRows("outputs", x), 1);
      Weight output = shape.tied ? table : weights.matrix("output", VOCABULARY, WIDTH, shape.type);
      return graph.build(graph.linear("output", rows, output, Weight.none()));
    }

    private Value attention(Value x, String at) {
      Value normed = norm(at + "attn_norm", x, 1);
      Value query = project(at + "q", normed, HEADS * HEAD_SIZE);
      Value key = project(at + "k", normed, KV_HEADS * HEAD_SIZE);
      Value value = project(at + "v", normed, KV_HEADS * HEAD_SIZE);
      if (shape.headNorms) {
        query = norm(at + "q_norm", query, HEADS);
        key = norm(at + "k_norm", key, KV_HEADS);
      }
      double[] frequencies = new double[HEAD_SIZE / 2];
      Arrays.setAll(frequencies, i -> Math.pow(10_000, -2.0 * i / HEAD_SIZE));
      RotaryTable rope = new RotaryTable(RotaryTable.Pairing.HALVES, frequencies, 1);
      query = graph.rope("q_rope", query, HEADS, rope);
      key = graph.rope("k_rope", key, KV_HEADS, rope);
      KvLayer kv = graph.kvLayer(KV_HEADS, HEAD_SIZE, HEAD_SIZE);
      graph.kvAppend("kv", key, value, kv);
      Op.Attention op = new Op.Attention(query, kv, HEADS, 0.125f, 0, 0, Weight.none());
      return linear(at + "o", graph.attention("attn", op), WIDTH);
    }

    private Value feedForward(Value x, String at) {
      Value normed = norm(at + "ffn_norm", x, 1);
      Value gate = linear(at + "gate", normed, INNER);
      Value up = linear(at + "up", normed, INNER);
      Value gated = graph.gatedActivation("act", gate, up, Activation.SILU);
      return linear(at + "down", gated, WIDTH);
    }

    private Value norm(String name, Value x, int groups) {
      Weight weight = weights.vector(name, x.width() / groups, 1);
      return graph.rmsNorm(name, x, weight, groups, 1e-5f);
    }

    private Value project(String name, Value x, int rows) {
      Optional<Weight> bias =
          shape.biases ? Optional.of(weights.vector(name + "_bias", rows, 0)) : Weight.none();
      return graph.linear(name, x, weights.matrix(name, rows, x.width(), shape.type), bias);
    }

    private Value linear(String name, Value x, int rows) {
      return graph.linear(
          name, x, weights.matrix(name, rows, x.width(), shape.type), Weight.none());
    }
  }
}
