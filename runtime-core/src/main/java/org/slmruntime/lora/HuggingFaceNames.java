package org.slmruntime.lora;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What transformers and GGUF call the linear layers of Llama, Qwen2 and Qwen3: {@code
 * model.layers.3.self_attn.q_proj} is {@code blk.3.attn_q}.
 */
final class HuggingFaceNames {
  private static final Set<String> ARCHITECTURES = Set.of("llama", "qwen2", "qwen3");
  private static final Map<String, String> TO_GGUF =
      Map.of(
          "self_attn.q_proj", "attn_q",
          "self_attn.k_proj", "attn_k",
          "self_attn.v_proj", "attn_v",
          "self_attn.o_proj", "attn_output",
          "mlp.gate_proj", "ffn_gate",
          "mlp.up_proj", "ffn_up",
          "mlp.down_proj", "ffn_down");
  private static final Map<String, String> FROM_GGUF =
      TO_GGUF.entrySet().stream().collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey));
  private static final String OUTPUT = "lm_head";
  private static final String GGUF_OUTPUT = "output";
  private static final String LAYER = "(0|[1-9]\\d{0,8})";
  private static final Pattern MODULE = Pattern.compile("model\\.layers\\." + LAYER + "\\.(.+)");
  private static final Pattern BLOCK = Pattern.compile("blk\\." + LAYER + "\\.(.+)");

  private HuggingFaceNames() {}

  /** Whether an architecture's layers have these names. */
  static boolean areThoseOf(String architecture) {
    return ARCHITECTURES.contains(architecture);
  }

  /** GGUF's name of a layer, without {@code .weight}; empty if it has none. */
  static Optional<String> toGguf(String module) {
    if (module.equals(OUTPUT)) {
      return Optional.of(GGUF_OUTPUT);
    }
    Matcher matcher = MODULE.matcher(module);
    return matcher.matches()
        ? Optional.ofNullable(TO_GGUF.get(matcher.group(2)))
            .map(name -> "blk." + matcher.group(1) + "." + name)
        : Optional.empty();
  }

  /** The module's name of a layer in GGUF, without {@code .weight}; empty if it has none. */
  static Optional<String> fromGguf(String layer) {
    if (layer.equals(GGUF_OUTPUT)) {
      return Optional.of(OUTPUT);
    }
    Matcher matcher = BLOCK.matcher(layer);
    return matcher.matches()
        ? Optional.ofNullable(FROM_GGUF.get(matcher.group(2)))
            .map(name -> "model.layers." + matcher.group(1) + "." + name)
        : Optional.empty();
  }
}
