package org.slmruntime.train.reference;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.graph.Graph;
import org.slmruntime.graph.Weight;
import org.slmruntime.model.Model;
import org.slmruntime.model.Models;
import org.slmruntime.tensor.DType;
import org.slmruntime.train.gradient.BackwardProgram;

/**
 * A file of two layers with 4 heads over 2 key/value heads and random weights, opened and built as
 * for inference. Llama has an output matrix; Qwen2 has biases and ties it to the embedding; Qwen3
 * is tied too, norms its heads, and has heads of a size of their own.
 */
public final class FamilyModel implements AutoCloseable {
  public static final int VOCABULARY = 19;
  private static final int WIDTH = 12;
  private static final int INNER = 10;
  private static final int LAYERS = 2;
  private static final int HEADS = 4;
  private static final int KV_HEADS = 2;

  private final GgufFile file;
  private final Model model;

  private FamilyModel(GgufFile file) {
    this.file = file;
    this.model = Models.build(file);
  }

  public static FamilyModel open(Path folder, String architecture, long seed) {
    Path file = folder.resolve(architecture + ".gguf");
    new Writer(architecture, new Random(seed)).write(file);
    return new FamilyModel(GgufFile.open(file));
  }

  public Graph graph() {
    return model.graph();
  }

  public Weights weights() {
    return model.weights();
  }

  /** The numbers of all weights, for tests to change. */
  public Map<Weight, double[]> values() {
    Map<Weight, double[]> values = new LinkedHashMap<>();
    graph().weights().forEach(w -> values.put(w, DecodedWeights.of(w, weights())));
    return values;
  }

  /** Trains some of the weights; the others are read from the file. */
  public ReferenceTrainer trainer(Set<Weight> trained, Map<Weight, double[]> values) {
    return new ReferenceTrainer(BackwardProgram.of(graph(), trained), values, weights());
  }

  /** Trains all of them. */
  public ReferenceTrainer trainer(Map<Weight, double[]> values) {
    return trainer(graph().weights(), values);
  }

  @Override
  public void close() {
    file.close();
  }

  private static final class Writer {
    private final String architecture;
    private final Random random;
    private final GgufWriter gguf = new GgufWriter();
    private final int headSize;

    Writer(String architecture, Random random) {
      this.architecture = architecture;
      this.random = random;
      this.headSize = architecture.equals("qwen3") ? 6 : 4;
    }

    void write(Path file) {
      metadata();
      matrix("token_embd.weight", VOCABULARY, WIDTH);
      for (int i = 0; i < LAYERS; i++) {
        layer("blk." + i + ".");
      }
      vector("output_norm.weight", WIDTH, 1);
      if (architecture.equals("llama")) {
        matrix("output.weight", VOCABULARY, WIDTH);
      }
      gguf.write(file);
    }

    private void metadata() {
      gguf.put("general.architecture", architecture).put("general.name", "tiny " + architecture);
      Map<String, Object> keys = new HashMap<>();
      keys.put("context_length", 64);
      keys.put("embedding_length", WIDTH);
      keys.put("block_count", LAYERS);
      keys.put("feed_forward_length", INNER);
      keys.put("attention.head_count", HEADS);
      keys.put("attention.head_count_kv", KV_HEADS);
      keys.put("attention.key_length", headSize);
      keys.put("attention.value_length", headSize);
      keys.put("rope.dimension_count", headSize);
      keys.put("attention.layer_norm_rms_epsilon", 1e-5);
      keys.forEach((key, value) -> gguf.put(architecture + "." + key, value));
    }

    private void layer(String block) {
      projection(block + "attn_q", HEADS * headSize);
      projection(block + "attn_k", KV_HEADS * headSize);
      projection(block + "attn_v", KV_HEADS * headSize);
      if (architecture.equals("qwen3")) {
        vector(block + "attn_q_norm.weight", headSize, 1);
        vector(block + "attn_k_norm.weight", headSize, 1);
      }
      vector(block + "attn_norm.weight", WIDTH, 1);
      matrix(block + "attn_output.weight", WIDTH, HEADS * headSize);
      vector(block + "ffn_norm.weight", WIDTH, 1);
      matrix(block + "ffn_gate.weight", INNER, WIDTH);
      matrix(block + "ffn_up.weight", INNER, WIDTH);
      matrix(block + "ffn_down.weight", WIDTH, INNER);
    }

    private void projection(String name, int rows) {
      matrix(name + ".weight", rows, WIDTH);
      if (architecture.equals("qwen2")) {
        vector(name + ".bias", rows, 0);
      }
    }

    private void matrix(String name, int rows, int columns) {
      add(name, List.of((long) columns, (long) rows), 0, 1.5 / Math.sqrt(columns));
    }

    private void vector(String name, int length, double mean) {
      add(name, List.of((long) length), mean, 0.2);
    }

    private void add(String name, List<Long> dims, double mean, double deviation) {
      int count = (int) dims.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = (float) (mean + deviation * random.nextGaussian());
      }
      ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      gguf.add(name, DType.F32, dims, out -> out.write(bytes.array()));
    }
  }
}
