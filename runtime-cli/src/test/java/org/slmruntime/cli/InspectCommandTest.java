package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.json.Json;
import org.slmruntime.tensor.DType;

class InspectCommandTest {
  @TempDir Path folder;

  @Test
  void showsMetadataTensorsAndMemory() {
    Outcome run = Outcome.of("inspect", TinyModel.write(folder)).succeeded();
    for (String part :
        List.of(
            "GGUF version 3",
            "  general.architecture = \"llama\"",
            "  llama.context_length = 64",
            "blk.1.ffn_down.weight",
            "[64, 32]",
            "Bytes by type",
            "Memory on backend",
            "Java itself takes some 100")) {
      assertTrue(run.out().contains(part), () -> "no \"" + part + "\" in " + run);
    }
  }

  @Test
  void printsTheGraphOnRequest() {
    Outcome run = Outcome.of("inspect", TinyModel.write(folder), "--graph").succeeded();
    assertTrue(run.out().contains("graph tiny"), run::toString);
    assertTrue(run.out().contains("blk.0.attn_q_rope"), run::toString);
  }

  @Test
  void printsJsonWithTheSameFacts() throws IOException {
    Path model = TinyModel.write(folder);
    Map<String, Object> root =
        Json.parseObject(Outcome.of("inspect", model, "--json").succeeded().out());
    assertEquals(Files.size(model), ((Number) root.get("bytes")).longValue());
    Map<String, Object> metadata = Json.asObject(root.get("metadata"), "metadata");
    assertEquals(TinyModel.TOKENS, metadata.get("tokenizer.ggml.tokens"));
    List<Object> tensors = Json.asArray(root.get("tensors"), "tensors");
    assertEquals(21, tensors.size());
    List<Object> memory = Json.asArray(root.get("memory"), "memory");
    assertEquals(1, memory.size());
    Map<String, Object> row = Json.asObject(memory.getFirst(), "row");
    assertEquals(TinyModel.CONTEXT, ((Number) row.get("context")).intValue());
    assertTrue(((Number) row.get("total")).longValue() > 0);
    assertTrue(((Number) root.get("java_memory")).longValue() > 0);
  }

  @Test
  void showsAFileThatCannotBeRunWithTheReason() {
    Outcome unknown = Outcome.of("inspect", TinyModel.write(folder, "newformer", DType.F32));
    assertTrue(unknown.succeeded().out().contains("newformer.block_count"), unknown::toString);
    assertTrue(unknown.err().contains("cannot be run: "), unknown::toString);
    Outcome undecodable = Outcome.of("inspect", TinyModel.write(folder, "llama", DType.I8));
    assertTrue(undecodable.succeeded().out().contains("blk.0.attn_q"), undecodable::toString);
    assertTrue(undecodable.err().contains("type I8"), undecodable::toString);
  }

  @Test
  void lengthensTheContextInStepsUpToTheOneAskedFor() {
    Outcome run = Outcome.of("inspect", TinyModel.write(folder), "--ctx", 5000, "--json");
    Map<String, Object> root = Json.parseObject(run.succeeded().out());
    List<Integer> contexts =
        Json.asArray(root.get("memory"), "memory").stream()
            .map(row -> ((Number) Json.asObject(row, "row").get("context")).intValue())
            .toList();
    assertEquals(List.of(1024, 4096, 5000), contexts);
  }
}
