package org.slmruntime.benchmarks.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slmruntime.benchmarks.BenchmarkException;
import org.slmruntime.benchmarks.models.ModelFolder.Model;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.engine.ModelRunner;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.tensor.DType;
import org.slmruntime.tokenizer.Tokenizers;

class ModelMakerTest {
  @TempDir Path folder;

  static Stream<Model> models() {
    return Shape.ALL.stream()
        .flatMap(
            shape -> Arrays.stream(Mix.values()).map(mix -> new Model(shape.reduced(1, 600), mix)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void writesWhatTheReferenceBackendRuns(Model model) {
    Path file = folder.resolve("model.gguf");
    new ModelMaker(model.shape(), model.mix()).write(file);
    ModelOptions options =
        ModelOptions.defaults().backend("reference").contextLength(8).notice(_ -> {});
    try (ModelRunner runner = ModelRunner.open(file, options);
        ModelRunner.Sequence sequence = runner.newSequence()) {
      assertEquals(600, runner.model().vocabulary());
      List<Float> seen = new ArrayList<>();
      runner.forwardLast(
          sequence,
          new int[] {5, 599},
          (_, logits, offset) -> {
            for (int i = 0; i < 600; i++) {
              seen.add(logits[offset + i]);
            }
          });
      assertTrue(seen.stream().allMatch(Float::isFinite), "some logits are not finite");
      assertEquals(600, seen.stream().distinct().count(), "rows repeat");
    }
  }

  @Test
  void writesTheSizeThatItTellsBefore() throws IOException {
    ModelMaker maker = new ModelMaker(Shape.LLAMA_1B.reduced(1, 600), Mix.Q4_K_M);
    Path file = folder.resolve("model.gguf");
    maker.write(file);
    assertEquals(maker.byteSize(), Files.size(file), 40_000);
  }

  @Test
  void everyByteOfATextIsAToken() {
    Path file = folder.resolve("model.gguf");
    new ModelMaker(Shape.LLAMA_1B.reduced(1, 600), Mix.Q8_0).write(file);
    try (GgufFile gguf = GgufFile.open(file)) {
      var tokenizer = Tokenizers.fromGguf(gguf.metadata()).orElseThrow();
      assertEquals(512, tokenizer.encode("x".repeat(512), false, false).length);
    }
  }

  /**
   * As llama.cpp's quantizer makes them. The first shape's mix was compared with a file that it
   * made, the other shapes' were not: they follow the same rules.
   */
  @Test
  void mixesFormatsAsLlamaCppDoes() {
    assertEquals(
        Map.of(
            "token_embd", DType.Q6_K,
            "blk.0.attn_v", DType.Q6_K,
            "blk.2.attn_v", DType.Q4_K,
            "blk.4.attn_v", DType.Q6_K,
            "blk.4.ffn_down", DType.Q6_K,
            "blk.5.ffn_down", DType.Q4_K,
            "blk.15.ffn_down", DType.Q6_K,
            "blk.4.ffn_up", DType.Q4_K),
        types(
            Shape.LLAMA_1B.reduced(16, 600),
            Mix.Q4_K_M,
            "token_embd",
            "blk.0.attn_v",
            "blk.2.attn_v",
            "blk.4.attn_v",
            "blk.4.ffn_down",
            "blk.5.ffn_down",
            "blk.15.ffn_down",
            "blk.4.ffn_up"));
    Shape qwen = Shape.named("qwen2.5-0.5b").reduced(1, 600);
    assertEquals(
        Map.of(
            "token_embd", DType.Q8_0,
            "blk.0.attn_q", DType.Q5_0,
            "blk.0.attn_v", DType.Q8_0,
            "blk.0.ffn_down", DType.Q6_K),
        types(qwen, Mix.Q4_K_M, "token_embd", "blk.0.attn_q", "blk.0.attn_v", "blk.0.ffn_down"));
    assertEquals(
        Map.of("token_embd", DType.Q8_0, "blk.0.ffn_down", DType.Q4_0),
        types(qwen, Mix.Q4_0, "token_embd", "blk.0.ffn_down"));
  }

  private Map<String, DType> types(Shape shape, Mix mix, String... names) {
    Path file = folder.resolve("model.gguf");
    new ModelMaker(shape, mix).write(file);
    try (GgufFile gguf = GgufFile.open(file)) {
      Map<String, DType> all =
          gguf.tensors().stream().collect(Collectors.toMap(StoredTensor::name, StoredTensor::type));
      return Arrays.stream(names)
          .collect(Collectors.toMap(name -> name, name -> all.get(name + ".weight")));
    }
  }

  @Test
  void makesAFileOnceAndReusesIt() throws IOException {
    List<String> told = new ArrayList<>();
    ModelFolder models = new ModelFolder(folder.resolve("models"), told::add);
    Model model = new Model(Shape.named("smollm2-135m").reduced(1, 600), Mix.Q4_0);
    models.make(List.of(model));
    assertEquals(1, told.size(), told::toString);
    FileTime made = Files.getLastModifiedTime(models.file(model));
    models.make(List.of(model));
    assertEquals(made, Files.getLastModifiedTime(models.file(model)));
    assertEquals(1, told.size(), told::toString);
  }

  @Test
  void refusesADiskThatIsTooSmall() {
    ModelFolder.requireSpace(1000, (1L << 30) + 1000);
    String message =
        assertThrows(
                BenchmarkException.class, () -> ModelFolder.requireSpace(1000, (1L << 30) + 990))
            .getMessage();
    assertTrue(message.contains("1000 bytes") && message.contains("10 are missing"), message);
  }

  @Test
  void refusesNamesThatItDoesNotKnow() {
    String shape = assertThrows(BenchmarkException.class, () -> Shape.named("gpt-5")).getMessage();
    assertTrue(shape.contains("gpt-5") && shape.contains("smollm2-135m"), shape);
    String mix = assertThrows(BenchmarkException.class, () -> Mix.named("q3_k")).getMessage();
    assertTrue(mix.contains("q3_k") && mix.contains("q4_k_m"), mix);
    assertEquals(Mix.Q4_K_M, Mix.named("q4_K_m"));
  }
}
