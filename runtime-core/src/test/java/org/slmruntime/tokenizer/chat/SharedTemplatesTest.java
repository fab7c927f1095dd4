package org.slmruntime.tokenizer.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.slmruntime.json.Json;
import org.slmruntime.testing.SharedData;

/** Real chat templates against what Jinja2 made of them. */
class SharedTemplatesTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-31T00:00:00Z"), ZoneOffset.UTC);

  @TestFactory
  Stream<DynamicTest> rendersAsJinjaDoes() throws IOException {
    Path folder = SharedData.require("chat-templates");
    Map<String, Object> cases = Json.parseObject(Files.readString(folder.resolve("cases.json")));
    List<Path> templates;
    try (Stream<Path> files = Files.list(folder)) {
      templates = files.filter(f -> f.toString().endsWith(".jinja")).sorted().toList();
    }
    assertFalse(templates.isEmpty(), folder + " has no templates");
    return templates.stream().flatMap(template -> tests(template, cases));
  }

  private static Stream<DynamicTest> tests(Path template, Map<String, Object> cases) {
    String name = template.getFileName().toString().replace(".jinja", "");
    Map<String, Object> expected =
        Json.parseObject(read(template.resolveSibling(name + ".expected.json")));
    String source = read(template);
    return cases.entrySet().stream()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    name + " " + entry.getKey(),
                    () ->
                        assertEquals(
                            Json.asObject(expected.get(entry.getKey()), entry.getKey()),
                            answer(source, Json.asObject(entry.getValue(), entry.getKey())))));
  }

  private static Map<String, Object> answer(String source, Map<String, Object> given) {
    Map<String, Object> context = new LinkedHashMap<>();
    context.put("add_generation_prompt", true);
    context.put("bos_token", "<s>");
    context.put("eos_token", "</s>");
    context.putAll(given);
    try {
      return Map.of(
          "text", ChatTemplate.parse(source).render(context, CLOCK, TemplateLimits.defaults()));
    } catch (TemplateException e) {
      String message = e.raised().map(m -> "TemplateError: " + m).orElse(e.getMessage());
      return Map.of("error", message.substring(0, Math.min(200, message.length())));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
