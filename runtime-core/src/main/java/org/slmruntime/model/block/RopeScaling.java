package org.slmruntime.model.block;

import org.slmruntime.format.Metadata;
import org.slmruntime.format.Shown;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.model.ModelSource;

/**
 * Turns an architecture's rope keys into a {@link RotaryTable}: linear position interpolation, YaRN
 * (Peng et al., 2023) with llama.cpp's conventions, and the per-pair divisors of {@code
 * rope_freqs.weight} (Llama 3).
 */
public final class RopeScaling {
  private RopeScaling() {}

  /**
   * @param rotated how many leading elements of each head rotate
   */
  public static RotaryTable table(ModelSource source, RotaryTable.Pairing pairing, int rotated) {
    Metadata m = source.metadata();
    double base = positive(source, "rope.freq_base", 10000);
    double[] frequencies = new double[rotated / 2];
    float[] divisors =
        source.has("rope_freqs.weight")
            ? source.values("rope_freqs.weight", frequencies.length)
            : null;
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = Math.pow(base, -2.0 * i / rotated) / (divisors == null ? 1 : divisors[i]);
    }
    String type = m.string(source.key("rope.scaling.type")).orElse("linear");
    RotaryTable table = scaled(source, pairing, frequencies, base, type);
    requireFinite(source, table);
    return table;
  }

  /** Values that are sound one by one (a base of 1, say) can still make no frequency. */
  private static void requireFinite(ModelSource source, RotaryTable table) {
    for (double frequency : table.frequencies()) {
      if (!Double.isFinite(frequency) || !Double.isFinite(table.magnitude())) {
        throw source.error(
            "the rope keys make a frequency of " + frequency + ", magnitude " + table.magnitude());
      }
    }
  }

  private static RotaryTable scaled(
      ModelSource source,
      RotaryTable.Pairing pairing,
      double[] frequencies,
      double base,
      String type) {
    Metadata m = source.metadata();
    return switch (type) {
      case "none" -> new RotaryTable(pairing, frequencies, attentionFactor(source));
      case "linear" -> linear(source, pairing, frequencies);
      case "yarn" -> yarn(source, pairing, frequencies, base);
      default ->
          throw m.wrong(
              source.key("rope.scaling.type"),
              "must be none, linear or yarn for this architecture but is \""
                  + Shown.of(type)
                  + "\"");
    };
  }

  /**
   * Half-split rope over the first {@code rope.dimension_count} elements, by default whole heads.
   */
  public static RotaryTable halves(ModelSource source, DecoderConfig config) {
    return table(source, RotaryTable.Pairing.HALVES, rotatedSize(source, config));
  }

  /** How many leading elements of each head rotate; even. */
  public static int rotatedSize(ModelSource source, DecoderConfig config) {
    String key = source.key("rope.dimension_count");
    int rotated = source.metadata().intInRange(key, 2, config.keySize()).orElse(config.keySize());
    if (rotated % 2 != 0) {
      throw source.metadata().wrong(key, "must be even but is " + rotated);
    }
    return rotated;
  }

  private static RotaryTable linear(
      ModelSource source, RotaryTable.Pairing pairing, double[] frequencies) {
    double factor = factor(source);
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] /= factor;
    }
    return new RotaryTable(pairing, frequencies, attentionFactor(source));
  }

  /** Low pairs (fast) keep their frequency, high pairs are interpolated, with a ramp between. */
  private static RotaryTable yarn(
      ModelSource source, RotaryTable.Pairing pairing, double[] frequencies, double base) {
    int rotated = 2 * frequencies.length;
    double factor = factor(source);
    double original =
        positive(
            source, "rope.scaling.original_context_length", DecoderConfig.contextLength(source));
    double extrapolation = number(source, "rope.scaling.yarn_ext_factor", -1);
    extrapolation = extrapolation < 0 ? 1 : extrapolation;
    double fast = positive(source, "rope.scaling.yarn_beta_fast", 32);
    double slow = positive(source, "rope.scaling.yarn_beta_slow", 1);
    double low = Math.max(0, Math.floor(correction(rotated, original, fast, base)));
    double high = Math.min(rotated - 1, Math.ceil(correction(rotated, original, slow, base)));
    for (int i = 0; i < frequencies.length; i++) {
      double position = (i - low) / Math.max(0.001, high - low);
      double keep = (1 - Math.clamp(position, 0, 1)) * extrapolation;
      frequencies[i] = frequencies[i] / factor * (1 - keep) + frequencies[i] * keep;
    }
    double magnitude =
        extrapolation == 0
            ? positive(source, "rope.scaling.yarn_attn_factor", 1)
            : yarnMagnitude(source, factor);
    magnitude *= attentionFactor(source);
    return new RotaryTable(pairing, frequencies, magnitude);
  }

  /** The pair index that makes {@code turns} full turns over the original context. */
  private static double correction(int rotated, double original, double turns, double base) {
    return rotated * Math.log(original / (turns * 2 * Math.PI)) / (2 * Math.log(base));
  }

  /** 1 + 0.1 ln factor, or with a log multiplier (DeepSeek) the ratio that llama.cpp ends with. */
  private static double yarnMagnitude(ModelSource source, double factor) {
    double logMultiplier = number(source, "rope.scaling.yarn_log_multiplier", 0);
    if (factor <= 1) {
      return 1;
    }
    double temperature = 0.1 * Math.log(factor) + 1;
    return logMultiplier == 0
        ? temperature
        : temperature / (0.1 * logMultiplier * Math.log(factor) + 1);
  }

  private static double factor(ModelSource source) {
    double older = number(source, "rope.scale_linear", 1);
    double factor = number(source, "rope.scaling.factor", older);
    if (factor == 0) {
      return 1;
    }
    if (!(factor > 0) || Double.isInfinite(factor)) {
      throw source.metadata().wrong(source.key("rope.scaling.factor"), "is " + factor);
    }
    return factor;
  }

  private static double attentionFactor(ModelSource source) {
    return positive(source, "rope.scaling.attn_factor", 1);
  }

  private static double positive(ModelSource source, String suffix, double otherwise) {
    double value = number(source, suffix, otherwise);
    if (!(value > 0) || Double.isInfinite(value)) {
      throw source.metadata().wrong(source.key(suffix), "must be positive but is " + value);
    }
    return value;
  }

  private static double number(ModelSource source, String suffix, double otherwise) {
    return source.metadata().number(source.key(suffix)).orElse(otherwise);
  }
}
