package org.slmruntime.tokenizer.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.slmruntime.json.Json;

/** Small templates against what Jinja2 made of them, recorded by jinja_answers.py. */
class JinjaAnswersTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-31T09:05:07.000042Z"), ZoneOffset.UTC);

  @TestFactory
  Stream<DynamicTest> answersAsJinjaDoes() throws IOException {
    Map<String, Object> recorded;
    try (InputStream in = JinjaAnswersTest.class.getResourceAsStream("jinja_answers.json")) {
      recorded = Json.parseObject(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
    Map<String, Object> context = Json.asObject(recorded.get("context"), "context");
    return Json.asArray(recorded.get("cases"), "cases").stream()
        .map(item -> Json.asObject(item, "case"))
        .map(
            item ->
                DynamicTest.dynamicTest(
                    Json.write(item.get("template")), () -> check(item, context)));
  }

  private static void check(Map<String, Object> item, Map<String, Object> context) {
    String template = (String) item.get("template");
    if (item.get("text") instanceof String text) {
      assertEquals(text, render(template, context));
      return;
    }
    TemplateException thrown =
        assertThrows(
            TemplateException.class,
            () -> {
              String text = render(template, context);
              throw new AssertionError("rendered " + Json.write(text) + ", Jinja: " + item);
            });
    assertEquals(Optional.ofNullable((String) item.get("raised")), thrown.raised());
    assertTrue(thrown.getMessage().startsWith("template line "), thrown.getMessage());
  }

  private static String render(String template, Map<String, Object> context) {
    return ChatTemplate.parse(template).render(context, CLOCK, TemplateLimits.defaults());
  }
}
