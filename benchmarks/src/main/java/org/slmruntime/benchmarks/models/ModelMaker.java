package org.slmruntime.benchmarks.models;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/** Writes one model file with random weights. Used by one thread. */
final class ModelMaker {
  private static final int CONTEXT = 32_768;

  private final Shape shape;
  private final Mix mix;
  private final GgufWriter gguf = new GgufWriter();
  private final Map<DType, RandomBlocks> blocks = new EnumMap<>(DType.class);
  private long bytes;

  ModelMaker(Shape shape, Mix mix) {
    this.shape = shape;
    this.mix = mix;
    metadata();
    tensors();
  }

  /** Bytes of the tensors, which are nearly all of the file. */
  long byteSize() {
    return bytes;
  }

  void write(Path file) {
    gguf.write(file);
  }

  private void metadata() {
    gguf.put("general.architecture", shape.architecture())
        .put("general.name", shape.name() + " with random weights")
        .put("general.file_type", mix.fileType())
        .put("general.quantization_version", 2);
    put("vocab_size", shape.vocabulary());
    put("context_length", CONTEXT);
    put("embedding_length", shape.width());
    put("block_count", shape.layers());
    put("feed_forward_length", shape.inner());
    put("attention.head_count", shape.heads());
    put("attention.head_count_kv", shape.kvHeads());
    put("attention.layer_norm_rms_epsilon", shape.epsilon());
    put("rope.dimension_count", shape.headSize());
    put("rope.freq_base", shape.ropeBase());
    Vocabulary.put(gguf, shape.vocabulary());
  }

  private void put(String key, Object value) {
    gguf.put(shape.architecture() + "." + key, value);
  }

  private void tensors() {
    int width = shape.width();
    matrix("token_embd", mix.embedding(width), width, shape.vocabulary());
    for (int layer = 0; layer < shape.layers(); layer++) {
      layer(layer, "blk." + layer + ".");
    }
    vector("output_norm.weight", width, 1);
  }

  private void layer(int layer, String block) {
    int width = shape.width();
    int inner = shape.inner();
    int layers = shape.layers();
    vector(block + "attn_norm.weight", width, 1);
    matrix(block + "attn_q", mix.matrix(width), width, width);
    matrix(block + "attn_k", mix.matrix(width), width, shape.kvWidth());
    matrix(block + "attn_v", mix.sensitive(layer, layers, width), width, shape.kvWidth());
    matrix(block + "attn_output", mix.matrix(width), width, width);
    if (shape.bias()) {
      vector(block + "attn_q.bias", width, 0);
      vector(block + "attn_k.bias", shape.kvWidth(), 0);
      vector(block + "attn_v.bias", shape.kvWidth(), 0);
    }
    vector(block + "ffn_norm.weight", width, 1);
    matrix(block + "ffn_gate", mix.matrix(width), width, inner);
    matrix(block + "ffn_up", mix.matrix(width), width, inner);
    matrix(block + "ffn_down", mix.sensitive(layer, layers, inner), inner, width);
  }

  private void matrix(String name, DType type, long columns, long rows) {
    bytes += type.byteSize(columns * rows);
    gguf.add(
        name + ".weight",
        type,
        List.of(columns, rows),
        out -> blocksOf(type).write(columns * rows, out));
  }

  private RandomBlocks blocksOf(DType type) {
    return blocks.computeIfAbsent(type, t -> new RandomBlocks(t, 0.02, t.ordinal()));
  }

  private void vector(String name, int length, float mean) {
    bytes += DType.F32.byteSize(length);
    gguf.add(name, DType.F32, List.of((long) length), out -> writeVector(length, mean, out));
  }

  private void writeVector(int length, float mean, OutputStream out) throws IOException {
    SplittableRandom random = new SplittableRandom(length);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = mean + 0.1f * (float) random.nextGaussian();
    }
    byte[] encoded = new byte[length * Float.BYTES];
    QuantFormats.encoder(DType.F32)
        .orElseThrow()
        .encode(values, 0, length, MemorySegment.ofArray(encoded), 0);
    out.write(encoded);
  }
}
