package org.slmruntime.train.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slmruntime.json.JsonException;
import org.slmruntime.testkit.SharedData;

class ConversationEncoderTest {
  private static final String CHAT_ML =
      "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
          + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  private static Map<String, Object> message(String role, String content) {
    return Map.of("role", role, "content", content);
  }

  private static Map<String, Object> row(String... contents) {
    List<Object> messages = new ArrayList<>();
    for (int i = 0; i < contents.length; i++) {
      messages.add(message(i % 2 == 0 ? "user" : "assistant", contents[i]));
    }
    return Map.of("messages", messages);
  }

  private static void refuses(String template, Map<String, Object> row, String part) {
    ByteModel model = ByteModel.withTemplate(template);
    JsonException e = assertThrows(JsonException.class, () -> model.encode(row));
    assertTrue(e.getMessage().startsWith("rows, line 1: "), e::getMessage);
    assertTrue(e.getMessage().contains(part), e::getMessage);
  }

  @Test
  void learnsEachAnswerWithTheTokenThatEndsIt() {
    ByteModel model = ByteModel.withTemplate(CHAT_ML);
    int turns = random.nextInt(1, 5);
    List<String> expected = new ArrayList<>();
    List<String> contents = new ArrayList<>();
    StringBuilder text = new StringBuilder("<s>");
    for (int t = 0; t < turns; t++) {
      String question = "q" + random.nextInt(1000);
      String answer = "a" + random.nextInt(1000);
      contents.addAll(List.of(question, answer));
      expected.add(answer + "<|im_end|>");
      text.append("<|im_start|>user\n").append(question).append("<|im_end|>\n");
      text.append("<|im_start|>assistant\n").append(answer).append("<|im_end|>\n");
    }
    // What nobody answers is not even read.
    contents.add("unanswered");
    List<MarkedTokens> encoded = model.encode(row(contents.toArray(String[]::new)));
    assertEquals(1, encoded.size());
    assertEquals(expected, model.learned(encoded.getFirst()), () -> "seed " + seed);
    assertEquals(text.toString(), model.text(encoded.getFirst().ids()), () -> "seed " + seed);
  }

  @Test
  void makesATextOfEachAnswerThatIsWrittenInAnotherWayLater() {
    ByteModel model =
        ByteModel.withTemplate(
            "{% for m in messages %}{{ m.role[0] }}:"
                + "{% if m.role == 'assistant' and loop.last %}(thinks){% endif %}"
                + "{{ m.content }}<|im_end|>{% endfor %}"
                + "{% if add_generation_prompt %}a:{% endif %}");
    List<MarkedTokens> encoded = model.encode(row("q1", "a1", "q2", "a2"));
    assertEquals(
        List.of(List.of("(thinks)a1<|im_end|>"), List.of("(thinks)a2<|im_end|>")),
        encoded.stream().map(model::learned).toList());
    assertEquals(
        "<s>u:q1<|im_end|>a:a1<|im_end|>u:q2<|im_end|>a:(thinks)a2<|im_end|>",
        model.text(encoded.getLast().ids()));
  }

  @Test
  void findsTheAnswerBehindAPromptThatBeginsItInAnotherWay() {
    ByteModel model =
        ByteModel.withTemplate(
            "{% for m in messages %}[{{ m.role }}]{{ m.content }}<|im_end|>{% endfor %}"
                + "{% if add_generation_prompt %}[assistant]<think>{% endif %}");
    List<MarkedTokens> encoded = model.encode(row("q", "answer"));
    assertEquals(List.of("answer<|im_end|>"), model.learned(encoded.getFirst()));
  }

  @Test
  void endsTheLastAnswerWhereTheTemplateDoesNot() {
    ByteModel model =
        ByteModel.withTemplate(
            "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}");
    List<MarkedTokens> encoded = model.encode(row("q1", "a1", "q2", "a2"));
    // It has no prompt for an answer, so the model must write the role too.
    assertEquals(
        List.of("assistant: a1\n", "assistant: a2\n</s>"), model.learned(encoded.getFirst()));
  }

  @Test
  void handsToolsAndOtherKeysToTheTemplate() {
    ByteModel model =
        ByteModel.withTemplate(
            "{{ tools[0].name }}{% for m in messages %}"
                + "{{ m.content or m.tool_calls[0] }};{% endfor %}");
    Map<String, Object> call = Map.of("role", "assistant", "tool_calls", List.of("look"));
    Map<String, Object> row =
        Map.of(
            "tools",
            List.of(Map.of("name", "T|")),
            "messages",
            List.of(message("user", "q"), call, message("tool", "r"), message("assistant", "a")));
    MarkedTokens encoded = model.encode(row).getFirst();
    assertEquals("<s>T|q;look;r;a;</s>", model.text(encoded.ids()));
    assertEquals(List.of("look;", "a;</s>"), model.learned(encoded));
  }

  @Test
  void refusesWhereTheAnswerCannotBeFound() {
    refuses(
        "{{ messages | length }}{% for m in messages %}{{ m.content }}{% endfor %}",
        row("q", "a"), "changes what comes before the answer in message 1");
    refuses("{{ messages[0].content }}", row("q", "a"), "the answer in message 1 is empty");
    refuses("{{ raise_exception('no ' + 'way') }}", row("q", "a"), "refuses it: no way");
    refuses("{{ messages[0].content.x.y }}", row("q", "a"), "refuses it: ");
  }

  @Test
  void refusesWhatIsNoConversation() {
    refuses(CHAT_ML, Map.of("messages", "hi"), "\"messages\" must be a JSON array");
    refuses(CHAT_ML, Map.of("messages", List.of("hi")), "message 0 must be a JSON object");
    refuses(CHAT_ML, Map.of("messages", List.of()), "there is no answer");
    refuses(CHAT_ML, row("q"), "there is no answer");
    refuses(CHAT_ML, Map.of("messages", List.of(Map.of("content", "a"))), "message 0: \"role\"");
    refuses(
        CHAT_ML,
        Map.of("messages", List.of(Map.of("role", "assistant"))),
        "message 0: \"content\" must be a JSON string but is null");
    refuses(null, row("q", "a"), "no chat template");
    String[] many = new String[ConversationEncoder.MAX_MESSAGES + 2];
    Arrays.fill(many, "x");
    refuses(CHAT_ML, row(many), "1026 messages are more than 1024");
  }

  /** Whatever the templates of well-known models do, answers are learned and questions are not. */
  @Test
  void findsAnswersInTheTemplatesOfRealModels() throws IOException {
    try (Stream<Path> files = Files.list(SharedData.require("chat-templates"))) {
      List<Path> templates = files.filter(f -> f.toString().endsWith(".jinja")).toList();
      assertFalse(templates.isEmpty());
      for (Path file : templates) {
        ByteModel model = ByteModel.withTemplate(Files.readString(file));
        Map<String, Object> row = new HashMap<>(row("Q1?", "A1!", "Q2?", "A2!"));
        if (file.toString().contains("tool_use")) {
          row.put("tools", List.of());
        }
        List<MarkedTokens> encoded = model.encode(row);
        String learned = encoded.stream().map(model::learned).toList().toString();
        assertTrue(learned.contains("A1!") && learned.contains("A2!"), () -> file + learned);
        assertFalse(learned.contains("Q1?") || learned.contains("Q2?"), () -> file + learned);
      }
    }
  }
}
