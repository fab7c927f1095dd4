package org.slmruntime.model.block;

import java.util.Optional;
import org.slmruntime.format.Shown;
import org.slmruntime.graph.Activation;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.model.ModelSource;
import org.slmruntime.tensor.DType;

/**
 * The parts that decoder families are put together from: embedding, norms, grouped-query attention
 * with rope, gated feed-forward, output. Tensor names are GGUF's. Biases and a fused {@code
 * attn_qkv} are used where the file has them.
 */
public final class DecoderBlocks {
  private final ModelSource source;
  private final DecoderConfig config;
  private final GraphBuilder graph;
  private int layer;

  public DecoderBlocks(ModelSource source, DecoderConfig config) {
    this.source = source;
    this.config = config;
    this.graph =
        new GraphBuilder(
            Shown.of(source.metadata().string("general.name").orElse(source.architecture())));
  }

  /** Rows of the embedding table. */
  public Value embedding() {
    graph.layer(-1);
    return graph.embed(
        "token_embd", source.matrix("token_embd.weight", config.vocabulary(), config.width()));
  }

  /** What follows belongs to block {@code index}. */
  public void layer(int index) {
    layer = index;
    graph.layer(index);
  }

  /** The norm whose weight is {@code blk.N.<name>.weight}, over the whole row. */
  public Value norm(String name, Value x) {
    return graph.rmsNorm(name, x, source.vector(tensor(name), x.width()), 1, config.epsilon());
  }

  /**
   * Grouped-query attention of the normed input {@code x}, with its output projection.
   *
   * @param headNorms whether queries and keys are normed per head before they are rotated
   */
  public Value attention(Value x, RotaryTable rope, float scale, boolean headNorms) {
    int heads = config.heads()[layer];
    int kvHeads = config.kvHeads()[layer];
    int queryWidth = heads * config.keySize();
    int keyWidth = kvHeads * config.keySize();
    int valueWidth = kvHeads * config.valueSize();
    Projection[] qkv = queryKeyValue(queryWidth, keyWidth, valueWidth);
    Value input = scaled("attn_qkv", x);
    Value query = graph.linear("attn_q", scaled("attn_q", input), qkv[0].weight, qkv[0].bias);
    Value key = graph.linear("attn_k", scaled("attn_k", input), qkv[1].weight, qkv[1].bias);
    Value value = graph.linear("attn_v", scaled("attn_v", input), qkv[2].weight, qkv[2].bias);
    if (headNorms) {
      query = headNorm("attn_q_norm", query, heads);
      key = headNorm("attn_k_norm", key, kvHeads);
    }
    query = graph.rope("attn_q_rope", query, heads, rope);
    key = graph.rope("attn_k_rope", key, kvHeads, rope);
    KvLayer kv = graph.kvLayer(kvHeads, config.keySize(), config.valueSize());
    graph.kvAppend("attn_kv", key, value, kv);
    Value mixed =
        graph.attention("attn", new Op.Attention(query, kv, heads, scale, 0, 0, Weight.none()));
    return linear("attn_output", mixed, config.width());
  }

  /** {@code down(activation(gate x) * up x)}. */
  public Value gatedFeedForward(Value x, Activation activation) {
    int inner = config.feedForward()[layer];
    Value gate = feedForwardLinear("ffn_gate", x, inner);
    Value up = feedForwardLinear("ffn_up", x, inner);
    Value gated = graph.gatedActivation("ffn_act", gate, up, activation);
    return feedForwardLinear("ffn_down", gated, config.width());
  }

  /** Here llama.cpp scales what the bias has been added to; in attention, before. */
  private Value feedForwardLinear(String name, Value x, int rows) {
    return scaled(name, plainLinear(name, x, rows));
  }

  public Value add(String name, Value left, Value right) {
    return graph.add(name, left, right);
  }

  /** Norm and output matrix over the wanted rows; the embedding table where there is no other. */
  public Graph logits(Value x) {
    graph.layer(-1);
    Value wanted = graph.gatherRows("outputs", x);
    Weight norm = source.vector("output_norm.weight", config.width());
    Value normed = graph.rmsNorm("output_norm", wanted, norm, 1, config.epsilon());
    String matrix = source.has("output.weight") ? "output.weight" : "token_embd.weight";
    return graph.build(
        graph.linear(
            "output",
            normed,
            source.matrix(matrix, config.vocabulary(), config.width()),
            source.optionalVector("output.bias", config.vocabulary())));
  }

  private Value headNorm(String name, Value x, int heads) {
    Weight weight = source.vector(tensor(name), x.width() / heads);
    return graph.rmsNorm(name, x, weight, heads, config.epsilon());
  }

  /** A layer with a scale of its own: {@code (sW) x + b = W (sx) + b}. */
  private Value linear(String name, Value x, int rows) {
    return plainLinear(name, scaled(name, x), rows);
  }

  private Value plainLinear(String name, Value x, int rows) {
    return graph.linear(
        name,
        x,
        source.matrix(tensor(name), rows, x.width()),
        source.optionalVector(bias(name), rows));
  }

  /** {@code x} times the scale of the layer, if it has one. */
  private Value scaled(String name, Value x) {
    return source
        .scale("blk." + layer + "." + name)
        .map(scale -> graph.scale(name + "_scale", x, scale))
        .orElse(x);
  }

  private record Projection(Weight weight, Optional<Weight> bias) {}

  private Projection[] queryKeyValue(int queryWidth, int keyWidth, int valueWidth) {
    if (!source.has(tensor("attn_qkv"))) {
      return new Projection[] {
        projection("attn_q", queryWidth),
        projection("attn_k", keyWidth),
        projection("attn_v", valueWidth)
      };
    }
    int rows = Math.addExact(queryWidth, Math.addExact(keyWidth, valueWidth));
    Weight fused = source.matrix(tensor("attn_qkv"), rows, config.width());
    Optional<Weight> bias = source.optionalVector(bias("attn_qkv"), rows);
    bias.ifPresent(b -> requireWholeBlocks(b, queryWidth, keyWidth, valueWidth));
    return new Projection[] {
      slice(fused, bias, 0, queryWidth),
      slice(fused, bias, queryWidth, keyWidth),
      slice(fused, bias, queryWidth + keyWidth, valueWidth)
    };
  }

  /** A quantized vector can be cut between blocks only. */
  private void requireWholeBlocks(Weight vector, int... parts) {
    DType type = source.require(vector.name()).type();
    for (int part : parts) {
      if (part % type.blockElements() != 0) {
        throw source.error(
            "tensor " + vector.name() + " of type " + type + " cannot be cut at " + part);
      }
    }
  }

  private Projection projection(String name, int rows) {
    return new Projection(
        source.matrix(tensor(name), rows, config.width()), source.optionalVector(bias(name), rows));
  }

  private static Projection slice(Weight fused, Optional<Weight> bias, int first, int count) {
    return new Projection(
        fused.sliceRows(first, count), bias.map(b -> b.sliceVector(first, count)));
  }

  private String tensor(String name) {
    return "blk." + layer + "." + name + ".weight";
  }

  private String bias(String name) {
    return "blk." + layer + "." + name + ".bias";
  }
}
