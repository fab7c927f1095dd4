package org.slmruntime.model.block;

import java.util.Arrays;
import java.util.Optional;
import org.slmruntime.format.Metadata;
import org.slmruntime.model.ModelSource;

/**
 * What the dense decoder families have in common, read from metadata keys under the architecture's
 * prefix and checked against limits and each other. Per-layer values are arrays.
 *
 * @param layers number of blocks
 * @param width of the residual stream
 * @param feedForward inner widths of the feed-forward blocks, per layer
 * @param heads query heads, per layer
 * @param kvHeads key/value heads, per layer
 * @param keySize elements of a query or key head
 * @param valueSize elements of a value head
 * @param epsilon of the norms
 * @param vocabulary rows of the embedding table
 */
public record DecoderConfig(
    int layers,
    int width,
    int[] feedForward,
    int[] heads,
    int[] kvHeads,
    int keySize,
    int valueSize,
    float epsilon,
    int vocabulary) {
  private static final int MAX_LAYERS = 512;
  private static final int MAX_WIDTH = 1 << 20;
  private static final int MAX_HEADS = 4096;

  /** Reads and checks the keys of {@code source}'s architecture. */
  public static DecoderConfig read(ModelSource source) {
    Metadata m = source.metadata();
    int layers = m.requireInt(source.key("block_count"), 1, MAX_LAYERS);
    int width = m.requireInt(source.key("embedding_length"), 1, MAX_WIDTH);
    int[] heads =
        perLayer(source, "attention.head_count", layers, MAX_HEADS)
            .orElseThrow(() -> m.missing(source.key("attention.head_count")));
    int[] kvHeads = perLayer(source, "attention.head_count_kv", layers, MAX_HEADS).orElse(heads);
    int[] feedForward =
        perLayer(source, "feed_forward_length", layers, MAX_WIDTH)
            .orElseThrow(() -> m.missing(source.key("feed_forward_length")));
    for (int i = 0; i < layers; i++) {
      if (heads[i] % kvHeads[i] != 0) {
        throw m.wrong(
            source.key("attention.head_count_kv"),
            "is " + kvHeads[i] + ", which does not divide the " + heads[i] + " heads");
      }
    }
    int keySize = headSize(source, "attention.key_length", width, heads[0]);
    int valueSize = headSize(source, "attention.value_length", width, heads[0]);
    double epsilon = m.requireNumber(source.key("attention.layer_norm_rms_epsilon"));
    if (!(epsilon >= 0 && epsilon < 1)) {
      throw m.wrong(
          source.key("attention.layer_norm_rms_epsilon"), "must be in 0..1 but is " + epsilon);
    }
    long vocabulary = source.require("token_embd.weight").rows();
    if (vocabulary < 1 || vocabulary > 1 << 24) {
      throw source.error("tensor token_embd.weight has " + vocabulary + " rows");
    }
    return new DecoderConfig(
        layers,
        width,
        feedForward,
        heads,
        kvHeads,
        keySize,
        valueSize,
        (float) epsilon,
        (int) vocabulary);
  }

  /** The longest sequence the model was made for. */
  public static int contextLength(ModelSource source) {
    return source.metadata().requireInt(source.key("context_length"), 1, 1 << 27);
  }

  private static int headSize(ModelSource source, String key, int width, int heads) {
    Optional<Integer> given = source.metadata().intInRange(source.key(key), 1, 1 << 16);
    if (given.isEmpty() && width % heads != 0) {
      throw source.error(
          source.key(key) + " is missing and " + width + " is no multiple of " + heads + " heads");
    }
    return given.orElse(width / heads);
  }

  /** A positive integer for all layers, or an array with one per layer. */
  private static Optional<int[]> perLayer(ModelSource source, String suffix, int layers, int max) {
    Metadata m = source.metadata();
    String key = source.key(suffix);
    if (!(m.values().get(key) instanceof int[] values)) {
      return m.intInRange(key, 1, max)
          .map(
              value -> {
                int[] same = new int[layers];
                Arrays.fill(same, value);
                return same;
              });
    }
    if (values.length < layers) {
      throw m.wrong(key, "has " + values.length + " values for " + layers + " layers");
    }
    for (int value : values) {
      if (value < 1 || value > max) {
        throw m.wrong(key, "must have values in 1.." + max + " but has " + value);
      }
    }
    return Optional.of(Arrays.copyOf(values, layers));
  }
}
