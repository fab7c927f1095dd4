package org.slmruntime.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.engine.ChatOptions;
import org.slmruntime.engine.FinishReason;
import org.slmruntime.engine.Generation;
import org.slmruntime.engine.GenerationResult;
import org.slmruntime.engine.LanguageModel;
import org.slmruntime.engine.Message;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.sampling.Sampling;
import org.slmruntime.train.stories.StoryGenerator;

/** The committed model, greedily, so that it always writes the same. */
class ShippedModelTest {
  private static final long MOST_BYTES = 4L << 20;
  private static final Sampling GREEDY = Sampling.greedy().maxTokens(450);

  /** The words of many stories. */
  private static final Set<String> KNOWN = new HashSet<>();

  @TempDir static Path folder;
  private static Path file;
  private static LanguageModel model;

  @BeforeAll
  static void open() {
    new StoryGenerator(1).stories().limit(2000).forEach(s -> KNOWN.addAll(words(s.text())));
    file = DemoModel.path(folder);
    ModelOptions options = ModelOptions.defaults().backend("reference").notice(_ -> {});
    model = LanguageModel.open(file, options);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void isASmallLlamaWithSharedKeysAndAVocabularyOfItsOwn() throws IOException {
    assertTrue(Files.size(file) <= MOST_BYTES, () -> file + " is too large");
    try (GgufFile gguf = GgufFile.open(file)) {
      assertEquals("llama", gguf.metadata().string("general.architecture").orElseThrow());
      long heads = gguf.metadata().integer("llama.attention.head_count").orElseThrow();
      assertTrue(gguf.metadata().integer("llama.attention.head_count_kv").orElseThrow() < heads);
      int words = gguf.metadata().strings("tokenizer.ggml.tokens").orElseThrow().size();
      assertTrue(words >= 1024 && words <= 2048, words + " tokens");
      long parameters = gguf.tensors().stream().mapToLong(StoredTensor::elements).sum();
      assertTrue(parameters >= 1_000_000 && parameters <= 4_000_000, parameters + " parameters");
    }
  }

  @Test
  void tellsAWholeStoryInWordsThatItLearned() {
    try (Generation generation = model.generate("Once upon a time", GREEDY)) {
      check(generation.result());
    }
  }

  @Test
  void tellsAStoryAboutWhomItIsAskedFor() {
    List<Message> wish = List.of(Message.user("Tell me a story about a fox named Pip."));
    GenerationResult result = model.chat(wish, ChatOptions.defaults().sampling(GREEDY)).result();
    check(result);
    assertTrue(result.text().contains("Pip"), result::text);
    assertTrue(result.text().contains("fox"), result::text);
  }

  /** It ends by itself, and hardly any word is none of the stories'. */
  private static void check(GenerationResult result) {
    String text = result.text();
    assertEquals(FinishReason.STOP, result.finish(), text);
    List<String> words = words(text);
    assertTrue(words.size() >= StoryGenerator.MIN_WORDS / 2, text);
    List<String> unknown = words.stream().filter(word -> !KNOWN.contains(word)).toList();
    assertTrue(unknown.size() <= words.size() / 50, () -> unknown + " in " + text);
  }

  private static List<String> words(String text) {
    return Arrays.asList(text.toLowerCase(Locale.ROOT).strip().split("[^a-z']+", -1));
  }
}
