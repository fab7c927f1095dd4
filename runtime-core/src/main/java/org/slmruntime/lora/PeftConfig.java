package org.slmruntime.lora;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slmruntime.format.Shown;
import org.slmruntime.json.Json;
import org.slmruntime.json.JsonException;

/**
 * The part of PEFT's {@code adapter_config.json} that says what an adapter computes (LoraConfig of
 * github.com/huggingface/peft). Patterns are regular expressions for the end of a module's name;
 * the first that matches counts.
 *
 * @param rank of modules without a pattern
 * @param alpha of modules without a pattern
 * @param rankStabilized whether the scale is alpha / sqrt(rank) instead of alpha / rank
 * @param targets names or ends of names of the modules changed; empty if given in another way
 */
record PeftConfig(
    int rank,
    double alpha,
    boolean rankStabilized,
    List<ModulePattern<Long>> rankPattern,
    List<ModulePattern<Double>> alphaPattern,
    List<String> targets) {
  private static final int MAX_PATTERNS = 2048;

  /** What changes more than linear layers, or in another way; each must be off. */
  private static final Map<String, String> UNSUPPORTED =
      Map.of(
          "use_dora", "DoRA is not supported",
          "fan_in_fan_out", "transposed matrices are not supported",
          "lora_bias", "biases in adapters are not supported",
          "modules_to_save", "modules that are replaced as a whole are not supported",
          "trainable_token_indices", "changed embeddings are not supported",
          "target_parameters", "changes of parameters outside linear layers are not supported",
          "alora_invocation_tokens", "adapters that tokens switch on are not supported",
          "layer_replication", "replicated layers are not supported");

  /** Beginnings of training that leave the base model as it was. */
  private static final Set<String> BEGINNINGS = Set.of("gaussian", "eva", "orthogonal");

  /**
   * @throws JsonException if it is malformed or asks for what we do not do
   */
  static PeftConfig parse(String text) {
    Map<String, Object> json = Json.parseUniqueKeys(text);
    String type = Json.asString(json.get("peft_type"), "\"peft_type\"");
    if (!type.equals("LORA")) {
      throw new JsonException("peft_type " + Shown.of(type) + " is not supported; LORA is");
    }
    refuseUnsupported(json);
    return new PeftConfig(
        (int) wholeInRange(json.getOrDefault("r", 8L), "\"r\""),
        number(json.getOrDefault("lora_alpha", 8L), "\"lora_alpha\""),
        bool(json, "use_rslora"),
        patterns(json, "rank_pattern", PeftConfig::wholeInRange),
        patterns(json, "alpha_pattern", PeftConfig::number),
        targets(json.get("target_modules")));
  }

  private static void refuseUnsupported(Map<String, Object> json) {
    UNSUPPORTED.forEach(
        (key, problem) -> {
          if (!isOff(json.get(key))) {
            throw new JsonException("\"" + key + "\" is set: " + problem);
          }
        });
    if (!"none".equals(json.getOrDefault("bias", "none"))) {
      throw new JsonException("\"bias\" is not \"none\": trained biases are not supported");
    }
    Object beginning = json.get("init_lora_weights");
    if (beginning instanceof String name && !BEGINNINGS.contains(name)) {
      throw new JsonException(
          "\"init_lora_weights\" is "
              + Shown.of(name)
              + ", which changes the base model too; convert the adapter to a plain one");
    }
  }

  private static boolean isOff(Object value) {
    return switch (value) {
      case null -> true;
      case Boolean on -> !on;
      case List<?> list -> list.isEmpty();
      case Map<?, ?> map -> map.isEmpty();
      default -> false;
    };
  }

  private static boolean bool(Map<String, Object> json, String key) {
    return switch (json.get(key)) {
      case null -> false;
      case Boolean on -> on;
      case Object other ->
          throw new JsonException("\"" + key + "\" must be a boolean but is " + Json.kind(other));
    };
  }

  /** A rank. */
  private static long wholeInRange(Object value, String what) {
    if (value instanceof Long n && n >= 1 && n <= Adapter.MAX_RANK) {
      return n;
    }
    throw new JsonException(
        what
            + " must be in 1.."
            + Adapter.MAX_RANK
            + " but is "
            + (value instanceof Number ? value : Json.kind(value)));
  }

  private static double number(Object value, String what) {
    if (value instanceof Number n && Double.isFinite(n.doubleValue())) {
      return n.doubleValue();
    }
    throw new JsonException(what + " must be a number but is " + Json.kind(value));
  }

  /** Reads a pattern's value. */
  @FunctionalInterface
  private interface Reader<T> {
    T read(Object value, String what);
  }

  private static <T> List<ModulePattern<T>> patterns(
      Map<String, Object> json, String key, Reader<T> reader) {
    if (isOff(json.get(key))) {
      return List.of();
    }
    Map<String, Object> values = Json.asObject(json.get(key), "\"" + key + "\"");
    if (values.size() > MAX_PATTERNS) {
      throw new JsonException(
          "\"" + key + "\" has " + values.size() + " entries; at most " + MAX_PATTERNS);
    }
    return values.entrySet().stream()
        .map(
            entry -> {
              String what = key + " of " + Shown.of(entry.getKey());
              return ModulePattern.of(entry.getKey(), reader.read(entry.getValue(), what));
            })
        .toList();
  }

  private static List<String> targets(Object value) {
    List<String> targets = new ArrayList<>();
    if (value instanceof List<?> list) {
      list.forEach(name -> targets.add(Json.asString(name, "a name in \"target_modules\"")));
    }
    return targets;
  }

  /** The rank that a module's change must have. */
  int rank(String module) {
    return ModulePattern.first(rankPattern, module).map(Math::toIntExact).orElse(rank);
  }

  /** The factor of a module's change. */
  float scale(String module) {
    double itsAlpha = ModulePattern.first(alphaPattern, module).orElse(alpha);
    double itsRank = rank(module);
    return (float) (itsAlpha / (rankStabilized ? Math.sqrt(itsRank) : itsRank));
  }

  /** Whether a module is among those that the adapter says it changes. */
  boolean targets(String module) {
    return targets.isEmpty()
        || targets.stream().anyMatch(t -> module.equals(t) || module.endsWith("." + t));
  }

  /** As PEFT writes it. */
  String json(String baseModel) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("peft_type", "LORA");
    json.put("task_type", "CAUSAL_LM");
    json.put("base_model_name_or_path", baseModel);
    json.put("inference_mode", true);
    json.put("r", rank);
    json.put("lora_alpha", alpha == Math.rint(alpha) ? (Object) (long) alpha : (Object) alpha);
    json.put("lora_dropout", 0.0);
    json.put("use_rslora", rankStabilized);
    json.put("use_dora", false);
    json.put("fan_in_fan_out", false);
    json.put("bias", "none");
    json.put("target_modules", targets);
    json.put("modules_to_save", null);
    json.put("rank_pattern", values(rankPattern));
    json.put("alpha_pattern", values(alphaPattern));
    return Json.write(json);
  }

  private static <T> Map<String, T> values(List<ModulePattern<T>> patterns) {
    Map<String, T> values = new LinkedHashMap<>();
    patterns.forEach(pattern -> values.put(pattern.text(), pattern.value()));
    return values;
  }
}
