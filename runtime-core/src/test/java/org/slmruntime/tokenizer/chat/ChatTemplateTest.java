package org.slmruntime.tokenizer.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What Jinja2 cannot be asked: messages, lines, clock, input and threads. */
class ChatTemplateTest {
  private static String render(String template, Map<String, ?> context) {
    return ChatTemplate.parse(template).render(context);
  }

  private static String failure(String template) {
    return assertThrows(TemplateException.class, () -> render(template, Map.of())).getMessage();
  }

  @Test
  void keepsWhatTheTemplateRaisesUnchanged() {
    TemplateException thrown =
        assertThrows(
            TemplateException.class,
            () -> render("\n{{ raise_exception('No ' ~ 'tools!\n') }}", Map.of()));
    assertEquals(Optional.of("No tools!\n"), thrown.raised());
    assertEquals(
        "template line 2: the template refuses its input: No tools!\n", thrown.getMessage());
  }

  @Test
  void hasNothingRaisedInItsOwnErrors() {
    TemplateException thrown =
        assertThrows(TemplateException.class, () -> render("{{ 1 / 0 }}", Map.of()));
    assertEquals(Optional.empty(), thrown.raised());
  }

  @Test
  void namesTheLineOfAFailure() {
    assertEquals("template line 3: division by zero", failure("a\nb\n{{ 1 / 0 }}\nc"));
    assertEquals("template line 2: 'x' is undefined", failure("{{ 1 }}\n{{ x.y }}"));
    assertEquals(
        "template line 3: 'y' is undefined",
        failure("{% macro m() %}\n\n{{ y() }}{% endmacro %}\n{{ m() }}"));
    assertEquals(
        "template line 2: 'int' object is not iterable", failure("\n{% for x in 5 %}{% endfor %}"));
  }

  @Test
  void namesTheLineOfASyntaxError() {
    assertEquals(
        "template line 2: expected the end of the tag but got \"b\"", failure("x\n{{ a b }}"));
    assertEquals("template line 3: unknown block foo", failure("\n\n{% foo %}"));
    assertEquals("template line 1: a string is not closed", failure("{{ 'a }}"));
  }

  @Test
  void saysThatIncludesAreNotSupported() {
    for (String block : List.of("include 'x'", "import 'x' as y", "extends 'x'")) {
      assertTrue(failure("{% " + block + " %}").contains("not supported"));
    }
  }

  @Test
  void cutsLongValuesInMessages() {
    assertTrue(failure("{{ {}['" + "k".repeat(100_000) + "'].x }}").length() < 400);
  }

  @Test
  void rendersAGenerationBlockAsItsText() {
    assertEquals(
        "a\nhello\nb", render("a\n{% generation %}\nhello\n{% endgeneration %}\nb", Map.of()));
  }

  @Test
  void showsTheClockInItsZone() {
    Clock clock = Clock.fixed(Instant.parse("2026-01-31T23:30:00Z"), ZoneId.of("+01:00"));
    assertEquals(
        "2026-02-01 00:30",
        ChatTemplate.parse("{{ strftime_now('%Y-%m-%d %H:%M') }}")
            .render(Map.of(), clock, TemplateLimits.defaults()));
  }

  @Test
  void takesEveryNumberType() {
    Map<String, Object> context = new LinkedHashMap<>();
    context.put("values", List.of(1, 2L, (short) 3, (byte) 4, 1.5f, 2.5));
    assertEquals("[1, 2, 3, 4, 1.5, 2.5]", render("{{ values }}", context));
  }

  @Test
  void letsTheContextHideAGlobal() {
    assertEquals("mine", render("{{ range }}", Map.of("range", "mine")));
  }

  @Test
  void refusesAKeyThatIsNotText() {
    assertThrows(TemplateException.class, () -> render("x", Map.of("m", Map.of(1, "a"))));
  }

  @Test
  void leavesTheCallersValuesAlone() {
    List<Object> list = new ArrayList<>(List.of(1));
    render("{% set ns = namespace(l=l) %}{% set ns.l = ns.l + [2] %}", Map.of("l", list));
    assertEquals(List.of(1), list);
  }

  @Test
  void rendersInManyThreadsAtOnce() throws Exception {
    ChatTemplate template =
        ChatTemplate.parse(
            "{% set ns = namespace(s=0) %}{% for i in range(n) %}{% set ns.s = ns.s + i %}"
                + "{% endfor %}{{ ns.s }}");
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<String>> answers = new ArrayList<>();
      for (int n = 0; n < 200; n++) {
        Map<String, Object> context = Map.of("n", n);
        answers.add(threads.submit(() -> template.render(context)));
      }
      for (int n = 0; n < 200; n++) {
        assertEquals(Integer.toString(n * (n - 1) / 2), answers.get(n).get());
      }
    }
  }
}
