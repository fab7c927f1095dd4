package org.slmruntime.gpuparity;

import java.nio.file.Path;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.tensor.DType;

/**
 * The dimensions of a model of the Llama family, for files with random weights.
 *
 * @param tied whether embedding and output are one matrix
 */
record ModelShape(
    String name,
    int width,
    int inner,
    int layers,
    int heads,
    int kvHeads,
    int vocabulary,
    boolean tied) {
  static final ModelShape SMALL = new ModelShape("small", 256, 512, 2, 4, 2, 320, false);
  static final ModelShape HALF = new ModelShape("0.5B", 896, 4864, 24, 14, 2, 151_936, true);
  static final ModelShape ONE = new ModelShape("1B", 2048, 8192, 16, 32, 8, 128_256, true);
  static final ModelShape EIGHT = new ModelShape("8B", 4096, 14_336, 32, 32, 8, 128_256, false);

  /** Writes a file whose matrices are all of one type. */
  void write(Path file, DType type) {
    GgufWriter gguf = new GgufWriter();
    gguf.put("general.architecture", "llama")
        .put("general.name", name + " random")
        .put("llama.context_length", 32_768)
        .put("llama.embedding_length", width)
        .put("llama.block_count", layers)
        .put("llama.feed_forward_length", inner)
        .put("llama.attention.head_count", heads)
        .put("llama.attention.head_count_kv", kvHeads)
        .put("llama.attention.layer_norm_rms_epsilon", 1e-5);
    int kvWidth = width / heads * kvHeads;
    RandomTensors tensors = new RandomTensors(gguf, type);
    tensors.matrix("token_embd", width, vocabulary);
    for (int i = 0; i < layers; i++) {
      String layer = "blk." + i + ".";
      tensors.norm(layer + "attn_norm", width);
      tensors.matrix(layer + "attn_q", width, width);
      tensors.matrix(layer + "attn_k", width, kvWidth);
      tensors.matrix(layer + "attn_v", width, kvWidth);
      tensors.matrix(layer + "attn_output", width, width);
      tensors.norm(layer + "ffn_norm", width);
      tensors.matrix(layer + "ffn_gate", width, inner);
      tensors.matrix(layer + "ffn_up", width, inner);
      tensors.matrix(layer + "ffn_down", inner, width);
    }
    tensors.norm("output_norm", width);
    if (!tied) {
      tensors.matrix("output", width, vocabulary);
    }
    gguf.write(file);
  }
}
