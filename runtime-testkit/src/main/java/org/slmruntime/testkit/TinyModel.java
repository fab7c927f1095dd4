package org.slmruntime.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.slmruntime.graph.Activation;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Node;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.lora.LoraGraph;
import org.slmruntime.lora.LowRank;
import org.slmruntime.tensor.DType;

/**
 * A two-layer decoder that uses every operation: head norms, rope, window, softcap, sinks, gated
 * activations, biases.
 *
 * @param weights of the graph
 */
public record TinyModel(Graph graph, RandomWeights weights) {
  public static final int VOCABULARY = 97;
  private static final int WIDTH = 256;
  private static final int HEADS = 6;
  private static final int KV_HEADS = 2;
  private static final int KEY_SIZE = 24;
  private static final int VALUE_SIZE = 40;

  /** Makes one with weights in {@code type}. */
  public static TinyModel make(long seed, DType type) {
    RandomWeights weights = new RandomWeights(new Random(seed));
    GraphBuilder graph = new GraphBuilder("tiny");
    Value x = graph.embed("embed", weights.matrix("embed", VOCABULARY, WIDTH, type));
    x = graph.scale("embed_scale", x, 16);
    for (int layer = 0; layer < 2; layer++) {
      graph.layer(layer);
      x = graph.add("attn_residual", x, attention(graph, weights, x, layer, type));
      x = graph.add("ffn_residual", x, feedForward(graph, weights, x, layer, type));
    }
    graph.layer(-1);
    Value rows = graph.gatherRows("rows", x);
    Value normed = graph.rmsNorm("norm", rows, weights.vector("norm", WIDTH, 1), 1, 1e-5f);
    Value logits =
        graph.linear(
            "output", normed, weights.matrix("output", VOCABULARY, WIDTH, type), Weight.none());
    return new TinyModel(graph.build(graph.softcap("cap", logits, 20)), weights);
  }

  /** The same changed by two adapters of all its linear layers, with ranks drawn anew. */
  public TinyModel adapted(long seed) {
    Random random = new Random(seed);
    List<LowRank> changes = new ArrayList<>();
    for (int adapter = 0; adapter < 2; adapter++) {
      for (Node node : graph.nodes()) {
        if (node.op() instanceof Op.Linear linear) {
          String name = "adapter." + adapter + "." + node.qualifiedName();
          int rank = 1 + random.nextInt(20);
          changes.add(LowRank.named(name, linear.weight(), rank, random.nextFloat()));
        }
      }
    }
    DType type = random.nextBoolean() ? DType.F32 : DType.F16;
    for (LowRank change : changes) {
      weights.matrix(change.a().name(), change.a().rows(), change.a().columns(), type);
      weights.matrix(change.b().name(), change.b().rows(), change.b().columns(), DType.F32);
    }
    return new TinyModel(LoraGraph.adapt(graph, changes), weights);
  }

  private static Value attention(
      GraphBuilder graph, RandomWeights weights, Value x, int layer, DType type) {
    String at = layer + ".";
    Value normed =
        graph.rmsNorm("attn_norm", x, weights.vector(at + "attn_norm", WIDTH, 1), 1, 1e-5f);
    int queryWidth = HEADS * KEY_SIZE;
    int keyWidth = KV_HEADS * KEY_SIZE;
    int valueWidth = KV_HEADS * VALUE_SIZE;
    int rows = queryWidth + keyWidth + valueWidth;
    Weight fused = weights.matrix(at + "qkv", rows, WIDTH, type);
    Weight bias = weights.vector(at + "qkv_bias", rows, 0);
    Value query =
        graph.linear(
            "q",
            normed,
            fused.sliceRows(0, queryWidth),
            Optional.of(bias.sliceVector(0, queryWidth)));
    Value key = graph.linear("k", normed, fused.sliceRows(queryWidth, keyWidth), Weight.none());
    Value value =
        graph.linear(
            "v", normed, fused.sliceRows(queryWidth + keyWidth, valueWidth), Weight.none());
    Weight headNorm = weights.vector(at + "q_norm", KEY_SIZE, 1);
    query = graph.rmsNorm("q_norm", query, headNorm, HEADS, 1e-5f);
    RotaryTable rope = rope(layer == 0 ? RotaryTable.Pairing.HALVES : RotaryTable.Pairing.ADJACENT);
    query = graph.rope("q_rope", query, HEADS, rope);
    key = graph.rope("k_rope", key, KV_HEADS, rope);
    KvLayer kv = graph.kvLayer(KV_HEADS, KEY_SIZE, VALUE_SIZE);
    graph.kvAppend("kv", key, value, kv);
    int window = layer == 0 ? 0 : 9;
    Optional<Weight> sinks =
        layer == 0 ? Weight.none() : Optional.of(weights.vector(at + "sinks", HEADS, 0));
    Value mixed =
        graph.attention(
            "attn", new Op.Attention(query, kv, HEADS, 0.3f, layer == 0 ? 15 : 0, window, sinks));
    // The input of this projection has no whole number of K-quant blocks.
    Weight out = weights.matrix(at + "o", WIDTH, mixed.width(), DType.F16);
    return graph.linear("o", mixed, out, Weight.none());
  }

  private static Value feedForward(
      GraphBuilder graph, RandomWeights weights, Value x, int layer, DType type) {
    String at = layer + ".";
    int inner = 512;
    Value normed =
        graph.rmsNorm("ffn_norm", x, weights.vector(at + "ffn_norm", WIDTH, 1), 1, 1e-5f);
    Value gate =
        graph.linear(
            "gate", normed, weights.matrix(at + "gate", inner, WIDTH, type), Weight.none());
    Value up =
        graph.linear("up", normed, weights.matrix(at + "up", inner, WIDTH, type), Weight.none());
    Activation activation = layer == 0 ? Activation.SILU : Activation.GELU_TANH;
    Value gated = graph.gatedActivation("act", gate, up, activation);
    Weight down = weights.matrix(at + "down", WIDTH, inner, type);
    return graph.linear("down", gated, down, Weight.none());
  }

  private static RotaryTable rope(RotaryTable.Pairing pairing) {
    double[] frequencies = new double[KEY_SIZE / 2 - 2];
    Arrays.setAll(frequencies, i -> Math.pow(10_000, -2.0 * i / KEY_SIZE));
    return new RotaryTable(pairing, frequencies, 1);
  }
}
