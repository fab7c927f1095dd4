package org.slmruntime.tokenizer.chat;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.slmruntime.json.Json;

/** Mutated templates render or fail with a {@link TemplateException}; nothing else happens. */
class TemplateFuzzTest {
  private static final long SEED = 20_260_131;
  private static final int ROUNDS = 10_000;
  private static final TemplateLimits LIMITS = new TemplateLimits(200_000, 50, 1 << 20);
  private static final List<String> FRAGMENTS =
      List.of(
          "{{",
          "}}",
          "{%",
          "%}",
          "{#",
          "#}",
          "-",
          "(",
          ")",
          "[",
          "]",
          "{",
          "}",
          "|",
          ".",
          ",",
          ":",
          "'",
          "\"",
          "=",
          " not ",
          " in ",
          " is ",
          " if ",
          " else ",
          "**",
          "//",
          "~",
          "\\",
          "\n",
          "0",
          "-1",
          "9223372036854775807",
          "1e308",
          "none",
          "loop",
          "xs",
          "d",
          "people",
          "|list",
          "|join",
          "|sort",
          "|tojson",
          "|first",
          "|map('upper')",
          "[::-1]",
          "[1:2]",
          "*args",
          "**d",
          "caller()",
          "ns.a",
          "{% endif %}",
          "{% endfor %}",
          "{% break %}",
          "{% raw %}",
          "\ud83e",
          "🦙",
          "\0",
          "%s",
          "%5.3f",
          "{:>9}");

  private static Map<String, Object> recorded() throws IOException {
    try (InputStream in = TemplateFuzzTest.class.getResourceAsStream("jinja_answers.json")) {
      return Json.parseObject(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static List<String> seeds(Map<String, Object> recorded) {
    List<String> seeds = new ArrayList<>();
    for (Object item : Json.asArray(recorded.get("cases"), "cases")) {
      seeds.add((String) Json.asObject(item, "case").get("template"));
    }
    return seeds;
  }

  @Test
  void mutatedTemplatesFailOnlyWithATemplateException() throws IOException {
    Map<String, Object> recorded = recorded();
    List<String> seeds = seeds(recorded);
    Map<String, Object> context = Json.asObject(recorded.get("context"), "context");
    int rendered = 0;
    for (int round = 0; round < ROUNDS; round++) {
      String template = mutate(seeds, new Random(SEED + round));
      String what = "seed " + (SEED + round) + ": " + Json.write(template);
      rendered += tryOut(template, context, what) ? 1 : 0;
    }
    assertTrue(rendered > ROUNDS / 20, "only " + rendered + " rendered");
  }

  private static boolean tryOut(String template, Map<String, Object> context, String what) {
    return assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          try {
            ChatTemplate.parse(template).render(context, Clock.systemUTC(), LIMITS);
            return true;
          } catch (TemplateException e) {
            assertTrue(e.getMessage() != null, what);
            return false;
          } catch (Throwable e) {
            throw new AssertionError(what, e);
          }
        },
        what);
  }

  private static String mutate(List<String> seeds, Random random) {
    StringBuilder text = new StringBuilder(pick(seeds, random));
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(text.length() + 1);
      int end = Math.min(text.length(), at + random.nextInt(6));
      switch (random.nextInt(6)) {
        case 0 -> text.delete(at, end);
        case 1 -> text.insert(at, pick(FRAGMENTS, random));
        case 2 -> text.replace(at, end, pick(FRAGMENTS, random));
        case 3 -> text.insert(at, text.substring(at, end));
        case 4 -> text.insert(at, (char) random.nextInt(128));
        default -> {
          String other = pick(seeds, random);
          int from = random.nextInt(other.length() + 1);
          text.insert(at, other.substring(from, Math.min(other.length(), from + 12)));
        }
      }
    }
    return text.toString();
  }

  private static String pick(List<String> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }
}
