package org.slmruntime.model.llama;

import java.util.Set;
import org.slmruntime.format.Metadata;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.model.ModelFamily;
import org.slmruntime.model.ModelSource;
import org.slmruntime.model.block.DecoderConfig;
import org.slmruntime.model.block.PreNormDecoder;
import org.slmruntime.model.block.RopeScaling;

/**
 * Llama 1 to 3.x and what GGUF stores as such: TinyLlama, SmolLM, Mistral 7B, DeepSeek-R1 distills.
 * Adjacent-pair rope (GGUF permutes the rows of Q and K for it) over whole heads.
 */
public final class LlamaFamily implements ModelFamily {
  @Override
  public Set<String> architectures() {
    return Set.of("llama");
  }

  @Override
  public Graph graph(ModelSource source) {
    Metadata m = source.metadata();
    if (m.integer(source.key("expert_count")).orElse(0L) > 0) {
      throw source.error("mixture-of-experts models of architecture llama are not supported yet");
    }
    DecoderConfig config = DecoderConfig.read(source);
    int rotated = RopeScaling.rotatedSize(source, config);
    if (rotated != config.keySize()) {
      throw m.wrong(
          source.key("rope.dimension_count"),
          "must be the head size " + config.keySize() + " but is " + rotated);
    }
    RotaryTable rope = RopeScaling.table(source, RotaryTable.Pairing.ADJACENT, rotated);
    double scale = m.number(source.key("attention.scale")).orElse(0.0);
    if (!(scale >= 0) || Double.isInfinite(scale)) {
      throw m.wrong(source.key("attention.scale"), "is " + scale);
    }
    double used = scale == 0 ? 1 / Math.sqrt(config.keySize()) : scale;
    return PreNormDecoder.graph(source, config, rope, (float) used, false);
  }
}
