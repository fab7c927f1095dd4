package org.slmruntime.testkit;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/** Small whole model files of several families, formats and vocabularies. */
final class SeedModels {
  private static final int VOCABULARY = 64;
  private static final int LAYERS = 2;
  private static final int HEADS = 4;
  private static final int KV_HEADS = 2;

  private final GgufWriter writer = new GgufWriter();
  private final SplittableRandom random;
  private final String architecture;
  private final int width;
  private final DType type;

  private SeedModels(String architecture, int width, DType type) {
    this.random = new SplittableRandom(width);
    this.architecture = architecture;
    this.width = width;
    this.type = type;
  }

  static List<GgufWriter> all() {
    return List.of(
        new SeedModels("llama", 32, DType.F32).sentencePieces().model(false),
        new SeedModels("llama", 256, DType.Q4_K).model(true),
        new SeedModels("qwen2", 64, DType.Q8_0).byteLevel().model(true),
        new SeedModels("qwen3", 32, DType.F16).byteLevel().model(false));
  }

  private void put(String key, Object value) {
    writer.put(architecture + "." + key, value);
  }

  private SeedModels sentencePieces() {
    List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>", "\u2581"));
    int[] types = new int[VOCABULARY];
    Arrays.fill(types, 1);
    types[0] = 2;
    types[1] = 3;
    types[2] = 3;
    float[] scores = new float[VOCABULARY];
    for (int i = 4; i < VOCABULARY; i++) {
      tokens.add(i < 30 ? Character.toString('a' + i - 4) : "a" + Character.toString('a' + i - 30));
      scores[i] = -i;
    }
    writer.put("tokenizer.ggml.model", "llama").put("tokenizer.ggml.scores", scores);
    return vocabulary(tokens, types);
  }

  private SeedModels byteLevel() {
    List<String> tokens = new ArrayList<>();
    for (int i = 0; i < VOCABULARY - 3; i++) {
      tokens.add(Character.toString('!' + i));
    }
    tokens.addAll(List.of("AB", "ABC", "<|end|>"));
    int[] types = new int[VOCABULARY];
    Arrays.fill(types, 1);
    types[VOCABULARY - 1] = 3;
    writer.put("tokenizer.ggml.model", "gpt2").put("tokenizer.ggml.pre", "qwen2");
    writer.put("tokenizer.ggml.merges", List.of("A B", "AB C"));
    return vocabulary(tokens, types);
  }

  private SeedModels vocabulary(List<String> tokens, int[] types) {
    writer.put("tokenizer.ggml.tokens", tokens).put("tokenizer.ggml.token_type", types);
    writer.put("tokenizer.ggml.bos_token_id", 1).put("tokenizer.ggml.eos_token_id", 2);
    writer.put("tokenizer.chat_template", "{% for m in messages %}{{ m.content }}{% endfor %}");
    return this;
  }

  private GgufWriter model(boolean fused) {
    writer.put("general.architecture", architecture).put("general.name", "seed");
    put("block_count", LAYERS);
    put("context_length", 128);
    put("embedding_length", width);
    put("feed_forward_length", 2 * width);
    put("attention.head_count", HEADS);
    put("attention.head_count_kv", KV_HEADS);
    put("attention.layer_norm_rms_epsilon", 1e-5);
    put("rope.scaling.type", "yarn");
    put("rope.scaling.factor", 2.0);
    tensor("token_embd.weight", type, width, VOCABULARY);
    for (int i = 0; i < LAYERS; i++) {
      layer("blk." + i + ".", fused);
    }
    tensor("output_norm.weight", DType.F32, width);
    tensor("output.weight", type, width, VOCABULARY);
    return writer;
  }

  private void layer(String block, boolean fused) {
    int kvWidth = width / HEADS * KV_HEADS;
    tensor(block + "attn_norm.weight", DType.F32, width);
    if (fused) {
      tensor(block + "attn_qkv.weight", type, width, width + 2 * kvWidth);
      tensor(block + "attn_qkv.bias", DType.F32, width + 2 * kvWidth);
    } else {
      tensor(block + "attn_q.weight", type, width, width);
      tensor(block + "attn_k.weight", type, width, kvWidth);
      tensor(block + "attn_v.weight", type, width, kvWidth);
      tensor(block + "attn_v.scale", DType.F32, 1);
    }
    if (architecture.equals("qwen3")) {
      tensor(block + "attn_q_norm.weight", DType.F32, width / HEADS);
      tensor(block + "attn_k_norm.weight", DType.F32, width / HEADS);
    }
    tensor(block + "attn_output.weight", type, width, width);
    tensor(block + "ffn_norm.weight", DType.F32, width);
    tensor(block + "ffn_gate.weight", type, width, 2 * width);
    tensor(block + "ffn_up.weight", type, width, 2 * width);
    tensor(block + "ffn_down.weight", type, 2 * width, width);
  }

  private void tensor(String name, DType format, long... dims) {
    int count = Math.toIntExact(Arrays.stream(dims).reduce(1, Math::multiplyExact));
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          (float) (dims.length == 1 ? 1 + 0.1 * random.nextGaussian() : random.nextGaussian() / 8);
    }
    MemorySegment data = MemorySegment.ofArray(new byte[(int) format.byteSize(count)]);
    QuantFormats.encoder(format).orElseThrow().encode(values, 0, count, data, 0);
    writer.add(new StoredTensor(name, format, Arrays.stream(dims).boxed().toList(), data));
  }
}
