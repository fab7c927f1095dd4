package org.slmruntime.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.engine.ModelRunner;
import org.slmruntime.tensor.DType;
import org.slmruntime.testing.TinyLlama;

/**
 * Logits that llama.cpp gave for tiny models: each was written by the method here, fed {@link #IDS}
 * one by one with a float32 cache, and the last position's first logits were written down.
 */
class LlamaCppLogitsTest {
  private static final int[] IDS = {1, 12, 33, 7, 51, 20, 9, 44, 30, 2, 17, 58};

  @TempDir Path folder;

  private static TinyLlama scaledAndBiased() {
    TinyLlama llama = new TinyLlama(11);
    for (int i = 0; i < TinyLlama.LAYERS; i++) {
      String block = "blk." + i + ".";
      int kvWidth = TinyLlama.WIDTH / TinyLlama.HEADS * TinyLlama.KV_HEADS;
      addScaleAndBias(llama, block + "attn_q", TinyLlama.WIDTH);
      addScaleAndBias(llama, block + "attn_k", kvWidth);
      addScaleAndBias(llama, block + "attn_v", kvWidth);
      addScaleAndBias(llama, block + "attn_output", TinyLlama.WIDTH);
      addScaleAndBias(llama, block + "ffn_gate", TinyLlama.INNER);
      addScaleAndBias(llama, block + "ffn_up", TinyLlama.INNER);
      addScaleAndBias(llama, block + "ffn_down", TinyLlama.WIDTH);
    }
    return llama;
  }

  private static void addScaleAndBias(TinyLlama llama, String layer, int rows) {
    llama.tensor(layer + ".scale", 1).tensor(layer + ".bias", rows);
  }

  private static TinyLlama fusedAndScaled() {
    TinyLlama llama = new TinyLlama(12);
    for (int i = 0; i < TinyLlama.LAYERS; i++) {
      String block = "blk." + i + ".";
      llama.remove(block + "attn_q.weight").remove(block + "attn_k.weight");
      llama.remove(block + "attn_v.weight").tensor(block + "attn_qkv.weight", 32, 64);
      llama.tensor(block + "attn_qkv.bias", 64).tensor(block + "attn_qkv.scale", 1);
    }
    return llama;
  }

  private static TinyLlama yarnWithDivisors() {
    return new TinyLlama(13)
        .put("llama.rope.scaling.type", "yarn")
        .put("llama.rope.scaling.factor", 3.5)
        .put("llama.rope.scaling.original_context_length", 16)
        .put("llama.rope.scaling.attn_factor", 0.8)
        .tensor("rope_freqs.weight", 4);
  }

  private void agrees(TinyLlama llama, float... expected) {
    ModelOptions options =
        ModelOptions.defaults().backend("reference").kvType(DType.F32).notice(_ -> {});
    float[] actual = new float[expected.length];
    try (ModelRunner runner = ModelRunner.open(llama.write(folder), options);
        ModelRunner.Sequence sequence = runner.newSequence()) {
      runner.forwardLast(
          sequence,
          IDS,
          (_, logits, offset) -> System.arraycopy(logits, offset, actual, 0, actual.length));
    }
    assertArrayEquals(expected, actual, 1e-3f);
  }

  @Test
  void scalesLinearLayersThatHaveAScale() {
    agrees(
        scaledAndBiased(),
        6.0594f,
        1.5621f,
        -5.7463f,
        0.1380f,
        1.6731f,
        1.4081f,
        -0.8811f,
        4.3317f);
  }

  @Test
  void scalesAFusedProjection() {
    agrees(
        fusedAndScaled(),
        -0.2832f,
        3.5936f,
        0.9884f,
        -1.0775f,
        -0.0791f,
        4.2124f,
        -2.0030f,
        3.1879f);
  }

  @Test
  void rotatesByYarnWithDivisors() {
    agrees(
        yarnWithDivisors(),
        -0.0678f,
        2.1715f,
        2.8303f,
        -1.2421f,
        -3.4090f,
        -3.6859f,
        -3.7895f,
        0.7126f);
  }
}
