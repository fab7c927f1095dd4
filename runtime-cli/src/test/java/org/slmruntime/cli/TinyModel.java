package org.slmruntime.cli;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.tensor.DType;

/**
 * A Llama of two layers with random weights and a SentencePiece vocabulary: the bytes, some letters
 * and a few words.
 */
final class TinyModel {
  static final long SEED = 20261123;
  static final int CONTEXT = 64;
  static final List<String> TOKENS = tokens();

  private static final int WIDTH = 32;
  private static final int INNER = 64;
  private static final int HEADS = 4;
  private static final int KV_HEADS = 2;
  private static final int LAYERS = 2;

  private final Random random;
  private final GgufWriter gguf = new GgufWriter();

  private TinyModel(long seed) {
    random = new Random(seed);
  }

  static Path write(Path folder) {
    return write(folder, "llama", DType.F32);
  }

  /** Writes {@code tiny.gguf}; the tensors have the bytes of zeros where the type is not F32. */
  static Path write(Path folder, String architecture, DType type) {
    TinyModel model = new TinyModel(SEED);
    model.metadata(architecture);
    model.weights(type);
    Path file = folder.resolve("tiny.gguf");
    model.gguf.write(file);
    return file;
  }

  /** Writes a model with other weights, and the same vocabulary, as {@code tiny-SEED.gguf}. */
  static Path writeOther(Path folder, long seed) {
    TinyModel model = new TinyModel(seed);
    model.metadata("llama");
    model.weights(DType.F32);
    Path file = folder.resolve("tiny-" + seed + ".gguf");
    model.gguf.write(file);
    return file;
  }

  /** Writes {@code chat.gguf}, which has a chat template. */
  static Path writeWithTemplate(Path folder, String template) {
    TinyModel model = new TinyModel(SEED);
    model.metadata("llama");
    model.gguf.put("tokenizer.chat_template", template);
    model.weights(DType.F32);
    Path file = folder.resolve("chat.gguf");
    model.gguf.write(file);
    return file;
  }

  private static List<String> tokens() {
    List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    for (int b = 0; b < 256; b++) {
      tokens.add(String.format("<0x%02X>", b));
    }
    "▁ abcdefghijklmnopqrstuvwxyz"
        .replace(" ", "")
        .codePoints()
        .forEach(c -> tokens.add(Character.toString(c)));
    tokens.addAll(List.of("he", "ll", "llo", "hello", "▁hello", "▁w"));
    return List.copyOf(tokens);
  }

  private void metadata(String architecture) {
    int[] types = new int[TOKENS.size()];
    float[] scores = new float[TOKENS.size()];
    Arrays.fill(types, 1);
    Arrays.fill(types, 3, 259, 6);
    types[0] = 2;
    types[1] = 3;
    types[2] = 3;
    for (int id = 259; id < scores.length; id++) {
      scores[id] = id - 259;
    }
    gguf.put("general.architecture", architecture)
        .put("general.name", "tiny")
        .put(architecture + ".context_length", CONTEXT)
        .put(architecture + ".embedding_length", WIDTH)
        .put(architecture + ".block_count", LAYERS)
        .put(architecture + ".feed_forward_length", INNER)
        .put(architecture + ".attention.head_count", HEADS)
        .put(architecture + ".attention.head_count_kv", KV_HEADS)
        .put(architecture + ".attention.layer_norm_rms_epsilon", 1e-5)
        .put("tokenizer.ggml.model", "llama")
        .put("tokenizer.ggml.tokens", TOKENS)
        .put("tokenizer.ggml.token_type", types)
        .put("tokenizer.ggml.scores", scores)
        .put("tokenizer.ggml.bos_token_id", 1)
        .put("tokenizer.ggml.eos_token_id", 2);
  }

  private void weights(DType type) {
    int kvWidth = WIDTH / HEADS * KV_HEADS;
    add(type, "token_embd", WIDTH, TOKENS.size());
    for (int i = 0; i < LAYERS; i++) {
      String layer = "blk." + i + ".";
      add(DType.F32, layer + "attn_norm", WIDTH);
      add(type, layer + "attn_q", WIDTH, WIDTH);
      add(type, layer + "attn_k", WIDTH, kvWidth);
      add(type, layer + "attn_v", WIDTH, kvWidth);
      add(type, layer + "attn_output", WIDTH, WIDTH);
      add(DType.F32, layer + "ffn_norm", WIDTH);
      add(type, layer + "ffn_gate", WIDTH, INNER);
      add(type, layer + "ffn_up", WIDTH, INNER);
      add(type, layer + "ffn_down", INNER, WIDTH);
    }
    add(DType.F32, "output_norm", WIDTH);
    add(type, "output", WIDTH, TOKENS.size());
  }

  private void add(DType type, String name, long... dims) {
    List<Long> sizes = Arrays.stream(dims).boxed().toList();
    int count = (int) Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    byte[] bytes = type == DType.F32 ? floats(count) : new byte[(int) type.byteSize(count)];
    gguf.add(name + ".weight", type, sizes, out -> out.write(bytes));
  }

  private byte[] floats(int count) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      bytes.putFloat((float) (0.5 * random.nextGaussian()));
    }
    return bytes.array();
  }
}
