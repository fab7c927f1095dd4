package org.slmruntime.model.qwen2;

import java.util.Set;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.model.ModelFamily;
import org.slmruntime.model.ModelSource;
import org.slmruntime.model.block.DecoderConfig;
import org.slmruntime.model.block.PreNormDecoder;
import org.slmruntime.model.block.RopeScaling;

/** Qwen2 and Qwen2.5: biases on queries, keys and values, half-split rope. */
public final class Qwen2Family implements ModelFamily {
  @Override
  public Set<String> architectures() {
    return Set.of("qwen2");
  }

  @Override
  public Graph graph(ModelSource source) {
    DecoderConfig config = DecoderConfig.read(source);
    RotaryTable rope = RopeScaling.halves(source, config);
    float scale = (float) (1 / Math.sqrt(config.keySize()));
    return PreNormDecoder.graph(source, config, rope, scale, false);
  }
}
