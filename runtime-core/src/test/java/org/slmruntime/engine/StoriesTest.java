package org.slmruntime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slmruntime.json.Json;
import org.slmruntime.sampling.Sampling;
import org.slmruntime.testing.SharedData;

/** A real small model's greedy text beside llama.cpp's (shared/models). */
class StoriesTest {
  @Test
  void tellsTheSameStoriesAsLlamaCpp() throws IOException {
    Path file = SharedData.require("models/stories260K.gguf");
    Map<String, Object> all =
        Json.parseObject(Files.readString(SharedData.require("models/greedy.json")));
    ModelOptions options = ModelOptions.defaults().backend("reference").notice(_ -> {});
    try (LanguageModel model = LanguageModel.open(file, options)) {
      Json.asObject(all.get("stories260K"), "stories260K")
          .forEach((prompt, story) -> check(model, prompt, Json.asObject(story, prompt)));
    }
  }

  private static void check(LanguageModel model, String prompt, Map<String, Object> story) {
    List<Object> ids = Json.asArray(story.get("prompt_ids"), "prompt_ids");
    List<Object> wanted = Json.asArray(story.get("greedy_ids"), "greedy_ids");
    int[] encoded = model.tokenizer().encode(prompt, true, true);
    assertEquals(ids, java.util.Arrays.stream(encoded).mapToObj(i -> (Object) (long) i).toList());
    Sampling greedy = Sampling.greedy().ignoreEnd(true).maxTokens(wanted.size());
    List<Object> actual =
        model.generate(prompt, greedy).result().choices().stream()
            .map(choice -> (Object) (long) choice.token())
            .toList();
    assertEquals(wanted, actual, prompt);
  }
}
