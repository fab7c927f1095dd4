package org.slmruntime.train.pretrain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slmruntime.train.TrainException;

/**
 * The sizes of a model of the Llama architecture (Touvron et al., 2023) with grouped queries
 * (Ainslie et al., 2023) and one matrix for embeddings and output (Press and Wolf, 2017).
 *
 * @param width of the residual stream
 * @param layers number of blocks
 * @param heads query heads, each of {@code width / heads} elements
 * @param kvHeads key/value heads
 * @param feedForward inner width of the feed-forward blocks
 * @param context the longest sequence in tokens
 */
public record LlamaShape(
    int width, int layers, int heads, int kvHeads, int feedForward, int context) {
  private static final int MAX_WIDTH = 1 << 14;
  private static final int MAX_LAYERS = 256;
  private static final int MAX_CONTEXT = 1 << 17;
  private static final double EPSILON = 1e-5;
  private static final double ROPE_BASE = 10_000;
  private static final String PREFIX = "llama.";

  public LlamaShape {
    within("width", width, MAX_WIDTH);
    within("number of layers", layers, MAX_LAYERS);
    within("number of heads", heads, width);
    within("number of key/value heads", kvHeads, heads);
    within("feed-forward width", feedForward, 4 * MAX_WIDTH);
    within("context", context, MAX_CONTEXT);
    if (width % heads != 0 || width / heads % 2 != 0) {
      throw new TrainException(
          "a width of " + width + " cannot be divided into " + heads + " heads of an even size");
    }
    if (heads % kvHeads != 0) {
      throw new TrainException(
          heads + " heads cannot be divided over " + kvHeads + " key/value heads");
    }
  }

  private static void within(String name, int value, int max) {
    if (value < 1 || value > max) {
      throw new TrainException("the " + name + " must be in 1.." + max + " but is " + value);
    }
  }

  /**
   * A tensor of the model.
   *
   * @param dims sizes, fastest varying first
   * @param deviation of the random numbers that it begins with; 0 where it begins with ones
   */
  record Tensor(String name, List<Long> dims, double deviation) {
    int elements() {
      return Math.toIntExact(dims.stream().reduce(1L, Math::multiplyExact));
    }
  }

  /** The keys of a GGUF file that describe this shape. */
  Map<String, Object> metadata() {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("general.architecture", "llama");
    metadata.put(PREFIX + "block_count", layers);
    metadata.put(PREFIX + "context_length", context);
    metadata.put(PREFIX + "embedding_length", width);
    metadata.put(PREFIX + "feed_forward_length", feedForward);
    metadata.put(PREFIX + "attention.head_count", heads);
    metadata.put(PREFIX + "attention.head_count_kv", kvHeads);
    metadata.put(PREFIX + "attention.layer_norm_rms_epsilon", EPSILON);
    metadata.put(PREFIX + "rope.dimension_count", width / heads);
    metadata.put(PREFIX + "rope.freq_base", ROPE_BASE);
    return metadata;
  }

  /**
   * All tensors. Matrices begin small (Nguyen and Salazar, 2019), and those that add to the
   * residual stream smaller the more of them there are (GPT-2, Radford et al., 2019).
   */
  List<Tensor> tensors(int vocabulary) {
    double deviation = Math.sqrt(2.0 / (5.0 * width));
    double residual = deviation / Math.sqrt(2.0 * layers);
    int kvWidth = width / heads * kvHeads;
    List<Tensor> tensors = new ArrayList<>();
    tensors.add(matrix("token_embd", vocabulary, width, 0.02));
    for (int i = 0; i < layers; i++) {
      String block = "blk." + i + ".";
      tensors.add(ones(block + "attn_norm"));
      tensors.add(matrix(block + "attn_q", width, width, deviation));
      tensors.add(matrix(block + "attn_k", kvWidth, width, deviation));
      tensors.add(matrix(block + "attn_v", kvWidth, width, deviation));
      tensors.add(matrix(block + "attn_output", width, width, residual));
      tensors.add(ones(block + "ffn_norm"));
      tensors.add(matrix(block + "ffn_gate", feedForward, width, deviation));
      tensors.add(matrix(block + "ffn_up", feedForward, width, deviation));
      tensors.add(matrix(block + "ffn_down", width, feedForward, residual));
    }
    tensors.add(ones("output_norm"));
    return tensors;
  }

  private static Tensor matrix(String name, long rows, long columns, double deviation) {
    return new Tensor(name + ".weight", List.of(columns, rows), deviation);
  }

  private Tensor ones(String name) {
    return new Tensor(name + ".weight", List.of((long) width), 0);
  }

  /** Numbers that are trained. */
  public long parameters(int vocabulary) {
    return tensors(vocabulary).stream().mapToLong(Tensor::elements).sum();
  }
}
