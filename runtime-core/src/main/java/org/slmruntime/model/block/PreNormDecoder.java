package org.slmruntime.model.block;

import org.slmruntime.graph.Activation;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Value;
import org.slmruntime.model.ModelSource;

/**
 * The pre-norm decoder of Llama and Qwen: {@code x += attention(norm x); x += ffn(norm x)} with
 * SwiGLU.
 */
public final class PreNormDecoder {
  private PreNormDecoder() {}

  /**
   * @param scale of attention scores
   * @param headNorms whether queries and keys are normed per head
   */
  public static Graph graph(
      ModelSource source, DecoderConfig config, RotaryTable rope, float scale, boolean headNorms) {
    DecoderBlocks blocks = new DecoderBlocks(source, config);
    Value x = blocks.embedding();
    for (int i = 0; i < config.layers(); i++) {
      blocks.layer(i);
      Value attended = blocks.attention(blocks.norm("attn_norm", x), rope, scale, headNorms);
      x = blocks.add("attn_residual", x, attended);
      Value fed = blocks.gatedFeedForward(blocks.norm("ffn_norm", x), Activation.SILU);
      x = blocks.add("ffn_residual", x, fed);
    }
    return blocks.logits(x);
  }
}
