package org.slmruntime.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.slmruntime.format.Metadata;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.tensor.DType;

/**
 * A Llama of 2 layers, width 32, 4 heads over 2 key/value heads, with seeded random F32 weights and
 * a SentencePiece vocabulary of letters, a few syllables and the bytes of é. Metadata and tensor
 * shapes can be changed before it is written, to see what refuses them. Not thread-safe.
 */
public final class TinyLlama {
  public static final int WIDTH = 32;
  public static final int HEADS = 4;
  public static final int KV_HEADS = 2;
  public static final int LAYERS = 2;
  public static final int INNER = 64;
  public static final int CONTEXT = 256;

  private static final List<String> SYLLABLES =
      List.of(
          "th", "he", "in", "er", "an", "re", "on", "at", "en", "nd", "ing", "the", "▁a", "▁th",
          "▁the", "▁in");

  private final long seed;
  private final Map<String, Object> metadata = new LinkedHashMap<>();
  private final Map<String, long[]> tensors = new LinkedHashMap<>();
  private final Map<String, DType> types = new HashMap<>();

  public TinyLlama(long seed) {
    this.seed = seed;
    put("general.architecture", "llama").put("general.name", "tiny");
    put("llama.block_count", LAYERS).put("llama.context_length", CONTEXT);
    put("llama.embedding_length", WIDTH).put("llama.feed_forward_length", INNER);
    put("llama.attention.head_count", HEADS).put("llama.attention.head_count_kv", KV_HEADS);
    put("llama.attention.layer_norm_rms_epsilon", 1e-5);
    int vocabulary = addVocabulary();
    tensor("token_embd.weight", WIDTH, vocabulary).tensor("output_norm.weight", WIDTH);
    tensor("output.weight", WIDTH, vocabulary);
    int kvWidth = WIDTH / HEADS * KV_HEADS;
    for (int i = 0; i < LAYERS; i++) {
      String block = "blk." + i + ".";
      tensor(block + "attn_norm.weight", WIDTH).tensor(block + "ffn_norm.weight", WIDTH);
      tensor(block + "attn_q.weight", WIDTH, WIDTH).tensor(block + "attn_k.weight", WIDTH, kvWidth);
      tensor(block + "attn_v.weight", WIDTH, kvWidth);
      tensor(block + "attn_output.weight", WIDTH, WIDTH);
      tensor(block + "ffn_gate.weight", WIDTH, INNER).tensor(block + "ffn_up.weight", WIDTH, INNER);
      tensor(block + "ffn_down.weight", INNER, WIDTH);
    }
  }

  private int addVocabulary() {
    List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>", "<0xC3>", "<0xA9>", "▁"));
    for (char c = 'a'; c <= 'z'; c++) {
      tokens.add(Character.toString(c));
    }
    for (String syllable : SYLLABLES) {
      tokens.add(syllable);
    }
    while (tokens.size() < 60) {
      tokens.add("w" + tokens.size());
    }
    int[] types = new int[tokens.size()];
    Arrays.fill(types, 1);
    types[0] = 2;
    types[1] = 3;
    types[2] = 3;
    types[3] = 6;
    types[4] = 6;
    float[] scores = new float[tokens.size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = -i;
    }
    put("tokenizer.ggml.model", "llama").put("tokenizer.ggml.tokens", List.copyOf(tokens));
    put("tokenizer.ggml.token_type", types).put("tokenizer.ggml.scores", scores);
    put("tokenizer.ggml.bos_token_id", 1).put("tokenizer.ggml.eos_token_id", 2);
    return tokens.size();
  }

  /** Sets a metadata value; a tensor's name and shape are not touched. */
  public TinyLlama put(String key, Object value) {
    metadata.put(key, value instanceof Integer i ? Long.valueOf(i) : value);
    return this;
  }

  /** Takes a metadata key or a tensor away. */
  public TinyLlama remove(String name) {
    if (metadata.remove(name) == null && tensors.remove(name) == null) {
      throw new IllegalArgumentException("there is no " + name);
    }
    return this;
  }

  /** Adds a tensor or changes its shape; sizes as GGUF has them, the row length first. */
  public TinyLlama tensor(String name, long... dims) {
    tensors.put(name, dims);
    return this;
  }

  /** As {@link #tensor(String, long...)}, of zeros in another type than F32. */
  public TinyLlama zeros(String name, DType type, long... dims) {
    types.put(name, type);
    return tensor(name, dims);
  }

  /** The metadata as a file would give them. */
  public Metadata metadata() {
    return new Metadata("tiny", new HashMap<>(metadata));
  }

  /** Writes {@code tiny.gguf} into a folder. */
  public Path write(Path folder) {
    GgufWriter writer = new GgufWriter();
    metadata.forEach(writer::put);
    tensors.forEach(
        (name, dims) -> {
          List<Long> sizes = Arrays.stream(dims).boxed().toList();
          DType type = types.getOrDefault(name, DType.F32);
          writer.add(name, type, sizes, out -> out.write(bytes(name, type, dims)));
        });
    Path file = folder.resolve("tiny.gguf");
    writer.write(file);
    return file;
  }

  private byte[] bytes(String name, DType type, long[] dims) {
    if (!types.containsKey(name)) {
      return weights(name, dims);
    }
    long elements = Arrays.stream(dims).reduce(1, Math::multiplyExact);
    return new byte[Math.toIntExact(type.byteSize(elements))];
  }

  /**
   * Norms near 1, matrices that keep the size of what they multiply; the same for the same name.
   */
  private byte[] weights(String name, long[] dims) {
    SplittableRandom random = new SplittableRandom(seed * 31 + name.hashCode());
    long count = Arrays.stream(dims).reduce(1, Math::multiplyExact);
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(4 * count)).order(ByteOrder.LITTLE_ENDIAN);
    boolean block = name.startsWith("blk.");
    double scale = block ? 2.5 / Math.sqrt(dims[0]) : name.equals("output.weight") ? 0.5 : 0.3;
    for (long i = 0; i < count; i++) {
      double value = random.nextGaussian();
      bytes.putFloat((float) (dims.length == 1 ? 1 + 0.1 * value : scale * value));
    }
    return bytes.array();
  }
}
