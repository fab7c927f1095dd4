package org.slmruntime.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.SlmException;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.tensor.DType;
import org.slmruntime.testing.TinyLlama;

/** Files that are well-formed but make no model. */
class ModelsTest {
  @TempDir Path folder;

  private void refuses(UnaryOperator<TinyLlama> change, String message) {
    try (GgufFile file = GgufFile.open(change.apply(new TinyLlama(1)).write(folder))) {
      SlmException e = assertThrows(SlmException.class, () -> Models.build(file));
      assertEquals(file.source() + ": " + message, e.getMessage());
    }
  }

  private void refusesKey(String key, Object value, String problem) {
    refuses(m -> m.put(key, value), "metadata key " + key + " " + problem);
  }

  @Test
  void buildsAModelThatFits() {
    try (GgufFile file = GgufFile.open(new TinyLlama(1).write(folder))) {
      Model model = Models.build(file);
      assertEquals("llama", model.architecture());
      assertEquals(60, model.vocabulary());
      assertEquals(TinyLlama.CONTEXT, model.contextLength());
      assertEquals(2, model.graph().kvLayers().size());
      long block = 2 * 32 + 2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 64;
      assertEquals(2 * 60 * 32 + 32 + 2 * block, model.parameters());
    }
  }

  @Test
  void usesTheEmbeddingTableWhereThereIsNoOutputMatrix() {
    try (GgufFile file = GgufFile.open(new TinyLlama(1).remove("output.weight").write(folder))) {
      assertEquals(60, Models.build(file).vocabulary());
    }
  }

  @Test
  void namesTheMissingKey() {
    for (String key :
        new String[] {
          "general.architecture",
          "llama.block_count",
          "llama.context_length",
          "llama.embedding_length",
          "llama.feed_forward_length",
          "llama.attention.head_count",
          "llama.attention.layer_norm_rms_epsilon"
        }) {
      refuses(m -> m.remove(key), "metadata key " + key + " is missing");
    }
  }

  @Test
  void namesTheUnknownArchitecture() {
    refuses(
        m -> m.put("general.architecture", "martian"),
        "architecture \"martian\" is not supported; known are "
            + String.join(", ", Models.architectures()));
    refuses(
        m -> m.put("general.architecture", "x".repeat(1000)),
        "architecture \""
            + "x".repeat(80)
            + "...\" is not supported; known are "
            + String.join(", ", Models.architectures()));
  }

  @Test
  void refusesCountsOutOfRange() {
    refusesKey("llama.block_count", 0, "must be in 1..512 but is 0");
    refusesKey("llama.block_count", 1 << 30, "must be in 1..512 but is 1073741824");
    refusesKey("llama.embedding_length", 1L << 40, "must be in 1..1048576 but is 1099511627776");
    refusesKey("llama.attention.head_count", 0, "must be in 1..4096 but is 0");
    refusesKey("llama.attention.head_count_kv", 0, "must be in 1..4096 but is 0");
    refusesKey("llama.feed_forward_length", -1L, "must be in 1..1048576 but is -1");
    refusesKey("llama.context_length", 0, "must be in 1..134217728 but is 0");
    refusesKey("llama.attention.key_length", 0, "must be in 1..65536 but is 0");
    refusesKey("llama.block_count", "two", "must be an integer but is the string \"two\"");
    refusesKey("llama.rope.dimension_count", 6, "must be the head size 8 but is 6");
    refusesKey("llama.rope.dimension_count", 9, "must be in 2..8 but is 9");
  }

  @Test
  void refusesHeadsThatDoNotDivide() {
    refusesKey("llama.attention.head_count_kv", 3, "is 3, which does not divide the 4 heads");
    refuses(
        m -> m.put("llama.attention.head_count", 3).put("llama.attention.head_count_kv", 3),
        "llama.attention.key_length is missing and 32 is no multiple of 3 heads");
  }

  @Test
  void refusesPerLayerValuesThatAreTooFewOrTooLarge() {
    refusesKey("llama.feed_forward_length", new int[] {64}, "has 1 values for 2 layers");
    refusesKey(
        "llama.feed_forward_length", new int[] {64, 0}, "must have values in 1..1048576 but has 0");
  }

  @Test
  void refusesNumbersThatMakeNoSense() {
    refusesKey("llama.attention.layer_norm_rms_epsilon", Double.NaN, "must be in 0..1 but is NaN");
    refusesKey("llama.attention.layer_norm_rms_epsilon", 1.0, "must be in 0..1 but is 1.0");
    refusesKey("llama.rope.freq_base", 0.0, "must be positive but is 0.0");
    refusesKey("llama.rope.freq_base", Double.NaN, "must be positive but is NaN");
    refusesKey("llama.rope.scaling.factor", -2.0, "is -2.0");
    refusesKey("llama.attention.scale", Double.POSITIVE_INFINITY, "is Infinity");
    refusesKey(
        "llama.rope.scaling.type",
        "bent",
        "must be none, linear or yarn for this architecture but is \"bent\"");
    refuses(
        m -> m.put("llama.rope.scaling.type", "yarn").put("llama.rope.scaling.yarn_beta_fast", 0.0),
        "metadata key llama.rope.scaling.yarn_beta_fast must be positive but is 0.0");
  }

  @Test
  void namesTheMissingTensor() {
    for (String tensor :
        new String[] {
          "token_embd.weight", "output_norm.weight", "blk.1.attn_k.weight", "blk.0.ffn_down.weight"
        }) {
      refuses(m -> m.remove(tensor), "tensor " + tensor + " is missing; llama needs it");
    }
  }

  @Test
  void namesTheMisshapenTensor() {
    refuses(
        m -> m.tensor("blk.0.attn_q.weight", 32, 16),
        "tensor blk.0.attn_q.weight has shape [32, 16] but should have [32, 32]");
    refuses(
        m -> m.tensor("blk.1.attn_norm.weight", 16),
        "tensor blk.1.attn_norm.weight has shape [16] but should have [32]");
    refuses(
        m -> m.tensor("output.weight", 32, 59),
        "tensor output.weight has shape [32, 59] but should have [32, 60]");
    refuses(
        m -> m.tensor("blk.0.attn_q.bias", 31),
        "tensor blk.0.attn_q.bias has shape [31] but should have [32]");
    refuses(
        m -> m.tensor("rope_freqs.weight", 3),
        "tensor rope_freqs.weight has shape [3] but should have [4]");
  }

  @Test
  void refusesTensorsThatItWouldLeaveOut() {
    for (String name : new String[] {"blk.0.attn_q_norm.weight", "blk.2.ffn_up.weight", "extra"}) {
      refuses(
          m -> m.tensor(name, 8),
          "tensor " + name + " has no place in architecture llama; is it another model's file?");
    }
    // A calibration of activations is advice only.
    try (GgufFile file =
        GgufFile.open(new TinyLlama(1).tensor("blk.0.attn_q.input_scale", 1).write(folder))) {
      assertEquals(60, Models.build(file).vocabulary());
    }
  }

  @Test
  void refusesABiasThatCannotBeCut() {
    refuses(
        m ->
            m.remove("blk.0.attn_q.weight")
                .remove("blk.0.attn_k.weight")
                .remove("blk.0.attn_v.weight")
                .tensor("blk.0.attn_qkv.weight", 32, 64)
                .zeros("blk.0.attn_qkv.bias", DType.Q8_0, 64),
        "tensor blk.0.attn_qkv.bias of type Q8_0 cannot be cut at 16");
  }

  @Test
  void refusesFrequenciesThatAreNoNumbers() {
    refuses(
        m -> m.zeros("rope_freqs.weight", DType.F32, 4),
        "the rope keys make a frequency of Infinity, magnitude 1.0");
    refuses(
        m -> m.zeros("blk.0.attn_q.scale", DType.F32, 2),
        "tensor blk.0.attn_q.scale has shape [2] but should have [1]");
  }

  @Test
  void keepsHostileTextsToOneShortLine() {
    String text = "a\nb\u2028c" + "d".repeat(1000);
    String shown = "a?b?c" + "d".repeat(75) + "...";
    refusesKey("llama.block_count", text, "must be an integer but is the string \"" + shown + "\"");
    refusesKey(
        "llama.rope.scaling.type",
        text,
        "must be none, linear or yarn for this architecture but is \"" + shown + "\"");
    refuses(
        m -> m.tensor("\u001b[31m", 1),
        "tensor ?[31m has no place in architecture llama; is it another model's file?");
  }

  @Test
  void givesOnlyTypedErrorsForRandomValues() {
    String[] keys = {
      "llama.block_count", "llama.embedding_length", "llama.feed_forward_length",
      "llama.attention.head_count", "llama.attention.head_count_kv", "llama.attention.key_length",
      "llama.attention.value_length", "llama.rope.dimension_count", "llama.rope.freq_base",
      "llama.rope.scaling.factor", "llama.rope.scaling.type", "llama.attention.scale",
      "llama.rope.scaling.original_context_length", "llama.expert_count", "llama.context_length",
      "llama.rope.scaling.yarn_log_multiplier", "llama.rope.scaling.yarn_ext_factor"
    };
    int refused = 0;
    for (int seed = 0; seed < 300; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      TinyLlama model = new TinyLlama(1);
      for (int i = random.nextInt(4); i >= 0; i--) {
        model.put(keys[random.nextInt(keys.length)], value(random));
      }
      try (GgufFile file = GgufFile.open(model.write(folder))) {
        Models.build(file);
      } catch (SlmException e) {
        refused++;
        assertEquals(1, e.getMessage().lines().count(), "seed " + seed);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertTrue(refused > 100 && refused < 300, refused + " refused");
  }

  private static Object value(SplittableRandom random) {
    return switch (random.nextInt(8)) {
      case 0 -> (long) random.nextInt(70);
      case 1 -> random.nextLong();
      case 2 -> random.nextDouble() * 100;
      case 3 -> Double.NaN;
      case 4 -> "yarn";
      case 5 -> new int[] {random.nextInt(70), random.nextInt(70)};
      case 6 -> (long) Integer.MAX_VALUE;
      default -> 1e-30;
    };
  }
}
