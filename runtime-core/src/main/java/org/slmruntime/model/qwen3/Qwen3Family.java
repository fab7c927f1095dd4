package org.slmruntime.model.qwen3;

import java.util.Set;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.model.ModelFamily;
import org.slmruntime.model.ModelSource;
import org.slmruntime.model.block.DecoderConfig;
import org.slmruntime.model.block.PreNormDecoder;
import org.slmruntime.model.block.RopeScaling;

/**
 * Qwen3 (dense): queries and keys are normed per head before half-split rope; the head size is
 * independent of the width.
 */
public final class Qwen3Family implements ModelFamily {
  @Override
  public Set<String> architectures() {
    return Set.of("qwen3");
  }

  @Override
  public Graph graph(ModelSource source) {
    DecoderConfig config = DecoderConfig.read(source);
    RotaryTable rope = RopeScaling.halves(source, config);
    float scale = (float) (1 / Math.sqrt(config.keySize()));
    return PreNormDecoder.graph(source, config, rope, scale, true);
  }
}
