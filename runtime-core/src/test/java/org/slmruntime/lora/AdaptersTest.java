package org.slmruntime.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.model.Model;
import org.slmruntime.model.Models;
import org.slmruntime.tensor.DType;
import org.slmruntime.testing.TinyLlama;

/** Adapters of a tiny Llama, added at run time and merged. */
class AdaptersTest {
  private static final List<String> ALL = List.of(LoraTarget.ALL_LINEAR);

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @TempDir Path folder;

  private Path model() {
    return new TinyLlama(seed).write(folder);
  }

  /** With the rows of queries, keys and values in one matrix. */
  private Path fusedModel() {
    TinyLlama llama = new TinyLlama(seed);
    for (int i = 0; i < TinyLlama.LAYERS; i++) {
      String block = "blk." + i + ".";
      llama.remove(block + "attn_q.weight").remove(block + "attn_k.weight");
      llama.remove(block + "attn_v.weight").tensor(block + "attn_qkv.weight", 32, 64);
    }
    return llama.write(folder);
  }

  private Path adapter(String name, Path model, int rank, List<String> targets) {
    PeftWriter.Settings settings = new PeftWriter.Settings("tiny", rank, 5, false, targets);
    return AdapterFiles.peft(folder.resolve(name), model, settings, random);
  }

  private Path merged(Path model, Optional<DType> type, ScaledAdapter... adapters) {
    Path path = folder.resolve("merged.gguf");
    try (GgufFile file = GgufFile.open(model)) {
      LoraMerge.write(Models.build(file), List.of(adapters), type, path, ProgressListener.NONE);
    }
    return path;
  }

  private void agreesWithMerged(Path model, ScaledAdapter... adapters) {
    float[] added = AdapterFiles.logits(model, adapters);
    assertArrayEquals(
        AdapterFiles.logits(merged(model, Optional.empty(), adapters)), added, 1e-3f, hint());
    float[] plain = AdapterFiles.logits(model);
    float largest = 0;
    for (int i = 0; i < plain.length; i++) {
      largest = Math.max(largest, Math.abs(plain[i] - added[i]));
    }
    assertTrue(largest > 0.05, "nearly nothing has changed: " + largest + ", " + hint());
  }

  private String hint() {
    return "seed " + seed;
  }

  @Test
  void computesWhatTheMergedModelComputes() {
    Path model = model();
    agreesWithMerged(model, new ScaledAdapter(adapter("a", model, 3, ALL), 1));
    List<String> two = List.of("q_proj", "model.layers.1.mlp.down_proj", "lm_head");
    agreesWithMerged(model, new ScaledAdapter(adapter("b", model, 1, two), -0.5f));
  }

  @Test
  void addsUpSeveralAdapters() {
    Path model = model();
    agreesWithMerged(
        model,
        new ScaledAdapter(adapter("a", model, 2, ALL), 0.75f),
        new ScaledAdapter(adapter("b", model, 4, List.of("q_proj", "v_proj")), -0.5f));
  }

  @Test
  void changesPartsOfAFusedMatrix() {
    Path model = fusedModel();
    agreesWithMerged(model, new ScaledAdapter(adapter("a", model, 3, ALL), 1));
    agreesWithMerged(model, new ScaledAdapter(adapter("k", model, 2, List.of("k_proj")), 1));
  }

  @Test
  void changesAWholeFusedMatrixByAGgufAdapter() {
    Path model = fusedModel();
    Path adapter = folder.resolve("fused.gguf");
    AdapterFiles.gguf(6)
        .add(
            "blk.1.attn_qkv.weight.lora_a",
            DType.F32,
            List.of(32L, 3L),
            AdapterFiles.random(random, 96))
        .add(
            "blk.1.attn_qkv.weight.lora_b",
            DType.F16,
            List.of(3L, 64L),
            AdapterFiles.random(random, 192))
        .write(adapter);
    agreesWithMerged(model, new ScaledAdapter(adapter, 1));
  }

  @Test
  void readsTheSameAdapterFromBothForms() {
    Path model = model();
    Path peft = adapter("a", model, 2, ALL);
    Path gguf = folder.resolve("a.gguf");
    try (GgufFile file = GgufFile.open(model)) {
      GgufWriter writer = AdapterFiles.gguf(5);
      List<Adapter> open = new ArrayList<>();
      for (Adapters.BoundChange change :
          Adapters.bind(Models.build(file), List.of(new ScaledAdapter(peft, 1)), open)) {
        String matrix = change.base().name();
        writer.add(matrix + ".lora_a", DType.F32, change.a().dims(), change.a().values());
        writer.add(matrix + ".lora_b", DType.F32, change.b().dims(), change.b().values());
      }
      open.forEach(Adapter::close);
      writer.write(gguf);
    }
    assertArrayEquals(
        AdapterFiles.logits(model, new ScaledAdapter(peft, 0.5f)),
        AdapterFiles.logits(model, new ScaledAdapter(gguf, 0.5f)),
        hint());
  }

  @Test
  void changesNothingWithAScaleOfZero() {
    Path model = model();
    ScaledAdapter off = new ScaledAdapter(adapter("a", model, 3, ALL), 0);
    assertArrayEquals(AdapterFiles.logits(model), AdapterFiles.logits(model, off), hint());
  }

  @Test
  void countsTheTensorsOfAdaptersAndKnowsTheirFiles() throws IOException {
    Path model = model();
    Path a = adapter("a", model, 3, List.of("v_proj"));
    try (GgufFile file = GgufFile.open(model)) {
      Model plain = Models.build(file);
      Model adapted = Adapters.apply(plain, List.of(new ScaledAdapter(a, 1)));
      long added = 2L * 3 * (TinyLlama.WIDTH + TinyLlama.WIDTH / 2);
      assertEquals(plain.parameters() + added, adapted.parameters());
      assertTrue(adapted.weights().identity().orElseThrow().contains(PeftFolder.TENSORS));
      adapted.file().requireWhole();
      Path tensors = a.resolve(PeftFolder.TENSORS);
      byte[] bytes = Files.readAllBytes(tensors);
      Files.write(tensors, Arrays.copyOf(bytes, bytes.length - 1));
      FormatException cut = assertThrows(FormatException.class, adapted.file()::requireWhole);
      assertTrue(cut.getMessage().contains("was cut from " + bytes.length), cut.getMessage());
      assertFalse(adapted.weights().identity().isPresent());
      adapted.file().close();
    }
  }

  @Test
  void leavesTheModelOpenWhereAnAdapterIsRefused() {
    Path model = model();
    try (GgufFile file = GgufFile.open(model)) {
      Model plain = Models.build(file);
      List<ScaledAdapter> second =
          List.of(
              new ScaledAdapter(adapter("a", model, 3, ALL), 1),
              new ScaledAdapter(folder.resolve("absent"), 1));
      assertThrows(FormatException.class, () -> Adapters.apply(plain, second));
      assertEquals(32, file.tensor("output_norm.weight").orElseThrow().values().length);
    }
  }

  @Test
  void mergesIntoAnotherTypeAndCopiesTheRest() {
    Path model = model();
    ScaledAdapter adapter = new ScaledAdapter(adapter("a", model, 2, List.of("o_proj")), 1);
    try (GgufFile before = GgufFile.open(model);
        GgufFile after = GgufFile.open(merged(model, Optional.of(DType.Q8_0), adapter))) {
      assertEquals(before.metadata().values().keySet(), after.metadata().values().keySet());
      before
          .tensors()
          .forEach(
              tensor -> {
                StoredTensor now = after.tensor(tensor.name()).orElseThrow();
                boolean changed = tensor.name().endsWith("attn_output.weight");
                assertEquals(changed ? DType.Q8_0 : tensor.type(), now.type(), tensor.name());
                assertEquals(
                    changed, tensor.data().mismatch(now.data()) >= 0, tensor + " " + hint());
              });
    }
  }

  @Test
  void doesNotMergeIntoAnEmbedding() {
    Path model = new TinyLlama(seed).remove("output.weight").write(folder);
    ScaledAdapter adapter = new ScaledAdapter(adapter("a", model, 2, List.of("lm_head")), 1);
    float[] added = AdapterFiles.logits(model, adapter);
    assertFalse(Arrays.equals(AdapterFiles.logits(model), added), hint());
    AdapterException e =
        assertThrows(AdapterException.class, () -> merged(model, Optional.empty(), adapter));
    assertTrue(e.getMessage().contains("token_embd.weight is the embedding too"), e.getMessage());
  }
}
