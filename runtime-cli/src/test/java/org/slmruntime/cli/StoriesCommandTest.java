package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.json.Json;
import org.slmruntime.testkit.SharedData;
import org.slmruntime.tokenizer.StreamDecoder;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;

/** The main job on a real small model, as the command prints it, beside llama.cpp's text. */
class StoriesCommandTest {
  private static final String PROMPT = "Once upon a time";

  @ParameterizedTest
  @CsvSource({
    "stories260K, reference, 200",
    "stories260K, cpu, 200",
    "stories260K, auto, 200",
    "stories260K-q8_0, reference, 40",
    "stories260K-q8_0, cpu, 40",
    "stories260K-q4_0, reference, 40",
    "stories260K-q4_0, cpu, 40"
  })
  void tellsTheStory(String name, String backend, int tokens) throws IOException {
    assumeTrue(Vectors.PRESENT || !backend.equals("cpu"), "no Vector API in this run");
    Path model = SharedData.require("models/" + name + ".gguf");
    Outcome run =
        Outcome.of(
            "run", model, "-p", PROMPT, "-n", tokens, "--temp", 0, "--backend", backend, "-q");
    assertEquals(expected(model, name, tokens) + System.lineSeparator(), run.succeeded().out());
  }

  private static String expected(Path model, String name, int tokens) throws IOException {
    Path recorded = SharedData.require("models/greedy.json");
    Map<String, Object> all = Json.parseObject(Files.readString(recorded));
    Map<String, Object> stories = Json.asObject(all.get(name), name);
    Map<String, Object> story = Json.asObject(stories.get(PROMPT), PROMPT);
    try (GgufFile gguf = GgufFile.open(model)) {
      Tokenizer tokenizer = Tokenizers.fromGguf(gguf.metadata()).orElseThrow();
      StreamDecoder decoder = tokenizer.decoder();
      StringBuilder text = new StringBuilder();
      Json.asArray(story.get("greedy_ids"), "greedy_ids").stream()
          .limit(tokens)
          .forEach(id -> text.append(decoder.accept(((Number) id).intValue())));
      return text.append(decoder.finish()).toString();
    }
  }
}
