package org.slmruntime.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.SlmException;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.model.Models;
import org.slmruntime.tensor.DType;
import org.slmruntime.testing.TinyLlama;

/** Adapters that cannot be applied to a tiny Llama are refused in one line each. */
class RefusedAdaptersTest {
  private static final int MUTANTS = 1500;
  private static final String CONFIG = "{'peft_type':'LORA','r':2,'lora_alpha':4}";
  private static final String Q = "base_model.model.model.layers.0.self_attn.q_proj";

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void writeModel() {
    model = new TinyLlama(seed).write(folder);
  }

  /** The tensors of an adapter of the first queries. */
  private static Map<String, List<Long>> tensors() {
    Map<String, List<Long>> tensors = new LinkedHashMap<>();
    tensors.put(Q + ".lora_A.weight", List.of(2L, 32L));
    tensors.put(Q + ".lora_B.weight", List.of(32L, 2L));
    return tensors;
  }

  private Path folder(Map<String, List<Long>> tensors) {
    return AdapterFiles.folder(folder.resolve("adapter"), CONFIG, tensors);
  }

  private void apply(Path adapter) {
    try (GgufFile file = GgufFile.open(model)) {
      Adapters.apply(Models.build(file), List.of(new ScaledAdapter(adapter, 1))).file().close();
    }
  }

  private void refuses(Path adapter, String problem) {
    String message = assertThrows(SlmException.class, () -> apply(adapter)).getMessage();
    assertTrue(message.contains(problem), message);
    assertTrue(message.contains(adapter.toString()), message);
    assertEquals(1, message.lines().count(), message);
  }

  private void refusesTensor(String name, List<Long> shape, String problem) {
    Map<String, List<Long>> tensors = tensors();
    tensors.put(name, shape);
    refuses(folder(tensors), problem);
  }

  @Test
  void takesWhatExportersWrite() {
    apply(folder(tensors()));
    Map<String, List<Long>> named = new LinkedHashMap<>();
    named.put(Q + ".lora_A.default.weight", List.of(2L, 32L));
    named.put(Q + ".lora_B.default.weight", List.of(32L, 2L));
    named.put(Q + ".base_layer.weight", List.of(32L, 32L));
    Path adapter = folder(named);
    apply(adapter);
    apply(adapter.resolve(PeftFolder.TENSORS));
  }

  @Test
  void refusesTensorsThatItDoesNotKnow() {
    List<Long> vector = List.of(32L);
    refusesTensor(Q + ".lora_magnitude_vector", vector, "it belongs to DoRA");
    refusesTensor(Q + ".lora_B.bias", vector, "it is a bias");
    refusesTensor(
        "base_model.model.model.embed_tokens.lora_embedding_A", vector, "changes an embedding");
    refusesTensor("base_model.model.lm_head.weight", vector, "no half of a low-rank change");
    refusesTensor("x\n.lora_A.weight", vector, "tensor x?.lora_A.weight is not supported");
    refusesTensor(Q + ".lora_A.other.weight", vector, "of another adapter in the same file");
  }

  @Test
  void refusesHalvesWithoutTheOther() {
    Map<String, List<Long>> tensors = tensors();
    tensors.remove(Q + ".lora_B.weight");
    refuses(folder(tensors), "q_proj has a lora_A but no lora_B");
    tensors = tensors();
    tensors.remove(Q + ".lora_A.weight");
    refuses(folder(tensors), "q_proj has a lora_B but no lora_A");
    refuses(folder(Map.of()), "changes 0 layers");
  }

  @Test
  void refusesAdaptersOfAnotherModel() {
    Map<String, List<Long>> tensors = tensors();
    tensors.put(Q + ".lora_A.weight", List.of(2L, 64L));
    refuses(folder(tensors), "do not fit the model's blk.0.attn_q.weight[32x32]");
    tensors = tensors();
    tensors.put(Q + ".lora_B.weight", List.of(64L, 2L));
    refuses(folder(tensors), "is it an adapter of another model?");
    refusesModule("model.layers.2.self_attn.q_proj", "has no such linear layer");
    refusesModule("model.layers.00.self_attn.q_proj", "no linear layer of a supported");
    refusesModule("model.layers.0.self_attn.qkv_proj", "no linear layer of a supported");
    refusesModule("model.layers.99999999999.self_attn.q_proj", "no linear layer of a supported");
  }

  private void refusesModule(String module, String problem) {
    Map<String, List<Long>> tensors = tensors();
    tensors.put("base_model.model." + module + ".lora_A.weight", List.of(2L, 32L));
    tensors.put("base_model.model." + module + ".lora_B.weight", List.of(32L, 2L));
    refuses(folder(tensors), problem);
  }

  @Test
  void refusesShapesThatContradictEachOtherOrTheConfig() {
    Map<String, List<Long>> tensors = tensors();
    tensors.put(Q + ".lora_B.weight", List.of(32L, 3L));
    refuses(folder(tensors), "are no matrices of one rank");
    tensors.put(Q + ".lora_B.weight", List.of(64L));
    refuses(folder(tensors), "are no matrices of one rank");
    tensors.put(Q + ".lora_A.weight", List.of(0L, 32L));
    refuses(folder(tensors), "q_proj.lora_A has rank 0 but adapter_config.json says 2");
    String other = CONFIG.replace("}", ",'target_modules':['v_proj']}");
    Path adapter = AdapterFiles.folder(folder.resolve("other"), other, tensors());
    refuses(adapter, "q_proj is not among the \"target_modules\"");
  }

  @Test
  void refusesPickledAndMissingFiles() throws IOException {
    Path pickled = Files.createDirectory(folder.resolve("pickled"));
    Files.write(pickled.resolve("adapter_model.bin"), new byte[] {1});
    refuses(pickled, "is a pickled checkpoint");
    refuses(pickled.resolve("adapter_model.bin"), "save the adapter as safetensors");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    refuses(empty, "adapter_config.json: no such file");
    Files.writeString(empty.resolve(PeftFolder.CONFIG), CONFIG.replace('\'', '"'));
    refuses(empty, "adapter_model.safetensors: no such file");
    Files.write(empty.resolve(PeftFolder.CONFIG), new byte[] {'"', (byte) 0xff, '"'});
    refuses(empty, "is not UTF-8 text");
    Files.writeString(empty.resolve(PeftFolder.CONFIG), " ".repeat(2 << 20));
    refuses(empty, "at most 1048576");
    refuses(folder.resolve("absent"), "no such file");
  }

  @Test
  void refusesGgufFilesThatAreNoAdaptersOfTheModel() {
    refuses(model, "is no LoRA adapter: general.type is absent, not adapter");
    refusesGguf(gguf().put("adapter.type", "ia3"), "adapter.type is ia3, not lora");
    refusesGguf(
        gguf().put("general.architecture", "qwen2"),
        "is for architecture qwen2 but the model has llama");
    refusesGguf(gguf().put("adapter.lora.alpha", Double.NaN), "adapter.lora.alpha is NaN");
    refusesGguf(gguf().put("adapter.alora.invocation_tokens", new int[] {1}), "tokens switch on");
    refusesGguf(add(gguf(), "blk.0.attn_k.weight.lora_a", 32, 2), "a lora_a but no lora_b");
    refusesGguf(add(gguf(), "blk.0.attn_k.weight.lora_b", 2, 16), "a lora_b but no lora_a");
    refusesGguf(add(gguf(), "blk.0.attn_k.weight", 32, 16), "no half of a low-rank change");
    refusesGguf(
        add(add(gguf(), "token_embd.weight.lora_a", 2, 60), "token_embd.weight.lora_b", 2, 32),
        "it changes an embedding");
    refusesGguf(
        add(add(gguf(), "blk.7.ffn_up.weight.lora_a", 32, 2), "blk.7.ffn_up.weight.lora_b", 2, 64),
        "blk.7.ffn_up: the model has no such linear layer");
    refusesGguf(AdapterFiles.gguf(4), "changes 0 layers");
  }

  private static GgufWriter gguf() {
    GgufWriter writer = AdapterFiles.gguf(4);
    return add(
        add(writer, "blk.0.attn_q.weight.lora_a", 32, 2), "blk.0.attn_q.weight.lora_b", 2, 32);
  }

  private static GgufWriter add(GgufWriter writer, String name, long columns, long rows) {
    return writer.add(name, DType.F32, List.of(columns, rows), new float[(int) (columns * rows)]);
  }

  private void refusesGguf(GgufWriter writer, String problem) {
    Path path = folder.resolve("adapter.gguf");
    writer.write(path);
    refuses(path, problem);
  }

  @Test
  void appliesOrRefusesEveryMutant() throws IOException {
    Path adapter = folder(tensors());
    Path[] files = {adapter.resolve(PeftFolder.TENSORS), adapter.resolve(PeftFolder.CONFIG)};
    byte[][] originals = {Files.readAllBytes(files[0]), Files.readAllBytes(files[1])};
    int applied = 0;
    for (int i = 0; i < MUTANTS; i++) {
      Random random = new Random(seed + i);
      for (int f = 0; f < 2; f++) {
        Files.write(files[f], random.nextBoolean() ? originals[f] : mutant(originals[f], random));
      }
      try {
        apply(adapter);
        applied++;
      } catch (SlmException e) {
        assertEquals(1, e.getMessage().lines().count(), "seed " + (seed + i));
      }
    }
    assertTrue(applied > MUTANTS / 20 && applied < MUTANTS * 9 / 10, applied + ", seed " + seed);
  }

  /** One place of the text at the beginning has something else. */
  private static byte[] mutant(byte[] original, Random random) {
    List<String> odd = List.of("0", "9", "\"", "{", "]", ",", ".", "A", "\n", "lora_B", "-1", "é");
    byte[] bytes = original.clone();
    byte[] text = odd.get(random.nextInt(odd.size())).getBytes(StandardCharsets.UTF_8);
    int at = random.nextInt(Math.min(bytes.length, 400) - text.length);
    System.arraycopy(text, 0, bytes, at, text.length);
    return bytes;
  }
}
