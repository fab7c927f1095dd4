package org.slmruntime.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.tokenizer.chat.ChatTemplate;
import org.slmruntime.tokenizer.chat.TemplateLimits;

/** What the demo model continues for what it is told. */
class ChatTemplateTest {
  @ParameterizedTest
  @CsvSource({
    "Once upon a time there was a fox, Once upon a time there was a fox",
    "' once upon a time ', Once upon a time",
    "One day Lily, One day Lily",
    "A little dog named Max, A little dog named Max"
  })
  void goesOnWithWhatBeginsLikeAStory(String wish, String expected) throws IOException {
    assertEquals("<s>" + expected, render(wish));
  }

  @ParameterizedTest
  @CsvSource({
    "Tell me about an owl., owl",
    "Please! A story about a bird and a cat?, bird",
    "A RABBIT! (or a fox), rabbit",
    "fox, fox"
  })
  void beginsAStoryAboutWhomeverTheWishNamesFirst(String wish, String kind) throws IOException {
    String opening = "Once upon a time, there was a cheerful " + kind + ".";
    assertEquals("<s>" + opening, render(wish));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Hi", "Tell me a story", "I caught a catfish", "?", ""})
  void tellsAnyStoryForAnythingElse(String wish) throws IOException {
    assertEquals("<s>", render(wish));
  }

  @Test
  void heedsTheLastMessageAlone() throws IOException {
    List<Object> messages =
        List.of(message("user", "A fox"), message("assistant", "..."), message("user", "Hi"));
    assertEquals("<s>", render(messages));
  }

  private static Map<String, Object> message(String role, String content) {
    return Map.of("role", role, "content", content);
  }

  private static String render(String wish) throws IOException {
    return render(List.of(message("user", wish)));
  }

  private static String render(List<Object> messages) throws IOException {
    Map<String, Object> context = Map.of("messages", messages, "bos_token", "<s>");
    return ChatTemplate.parse(Files.readString(Path.of("chat_template.jinja")))
        .render(context, Clock.systemUTC(), TemplateLimits.defaults());
  }
}
