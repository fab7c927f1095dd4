package org.slmruntime.tokenizer.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A template from a stranger's model file must cost bounded time, memory and stack. */
class HostileTemplateTest {
  private static final Duration GENEROUS = Duration.ofSeconds(60);
  private static final TemplateLimits LIMITS = TemplateLimits.defaults();

  private static String render(String template) {
    return assertTimeoutPreemptively(
        GENEROUS,
        () -> ChatTemplate.parse(template).render(Map.of("x", 1), Clock.systemUTC(), LIMITS));
  }

  private static String refuse(String template) {
    return assertThrows(TemplateException.class, () -> render(template)).getMessage();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ 'a' * 10**9 }}",
        "{{ 'a' * 10**18 * 100 }}",
        "{{ 'abc' * 9223372036854775807 }}",
        "{{ [1] * 10**12 }}",
        "{{ (1,) * 10**12 }}",
        "{{ range(10**12)|list }}",
        "{{ range(-9223372036854775807, 9223372036854775807) }}",
        "{{ 'x'.center(10**9) }}",
        "{{ 'x'.center(9223372036854775807) }}",
        "{{ 'x'.ljust(10**18) }}",
        "{{ 'x'.zfill(10**9) }}",
        "{{ 'x'|center(10**10) }}",
        "{{ 'x\\ty'.expandtabs(10**9) }}",
        "{{ ('\\t' * 100000).expandtabs(100000) }}",
        "{{ 'a\\nb'|indent(10**9) }}",
        "{{ ('a\\n' * 100000)|indent(100000) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%.1000000000d' % 1 }}",
        "{{ '%.1000000000f' % 1.0 }}",
        "{{ '%*d' % (10**15, 1) }}",
        "{{ '%99999999999999999999d' % 1 }}",
        "{{ '%s%s%s%s' * 1000000 % (1,) }}",
        "{{ '{:>999999999}'.format('x') }}",
        "{{ '{:.999999999f}'.format(1.5) }}",
        "{{ '{:99999999999}'.format(1) }}",
        "{{ [1]|tojson(indent=10**9) }}",
        "{{ 'abc'.replace('', 'x' * 10000000) }}",
        "{{ ('a' * 1000000).replace('a', 'b' * 1000) }}",
        "{{ ('x' * 1000000).join(['a'] * 1000) }}",
        "{{ ['a'] * 1000000 | join('b' * 1000) }}",
        "{{ [1]|batch(10**12, 'x')|list }}",
        "{{ [1]|slice(10**12)|list }}",
        "{{ 10 ** 100 }}",
        "{{ 9223372036854775807 + 1 }}",
        "{{ -9223372036854775807 - 2 }}",
        "{{ 99999999999999999999 }}",
        "{{ 10.0 ** 1000 }}",
        "{{ ('9' * 100000)|int }}{{ '9' * 400|int }}{{ ('9' * 400)|int }}",
        "{% set a = [1] %}{% for i in range(100) %}{% set a = a + a %}{% endfor %}"
            + "{% set ns = namespace(a=[1]) %}"
            + "{% for i in range(100) %}{% set ns.a = ns.a + ns.a %}{% endfor %}",
        "{% set ns = namespace(a='x') %}{% for i in range(100) %}{% set ns.a = ns.a ~ ns.a %}"
            + "{% endfor %}",
        "{% set ns = namespace(a=[]) %}{% for i in range(100) %}{% set ns.a = [ns.a, ns.a] %}"
            + "{% endfor %}{{ ns.a }}",
        "{% set ns = namespace(a=[]) %}{% for i in range(100) %}{% set ns.a = [ns.a, ns.a] %}"
            + "{% endfor %}{{ ns.a|tojson }}",
        "{% set ns = namespace(a=[], b=[]) %}{% for i in range(100) %}"
            + "{% set ns.a = [ns.a, ns.a] %}{% set ns.b = [ns.b, ns.b] %}"
            + "{% endfor %}{{ ns.a == ns.b }}",
        "{% set ns = namespace(a=[], b=[]) %}{% for i in range(100) %}"
            + "{% set ns.a = [ns.a, ns.a] %}{% set ns.b = [ns.b, ns.b] %}"
            + "{% endfor %}{{ ns.a < ns.b }}",
        "{% set ns = namespace(a=()) %}{% for i in range(100) %}{% set ns.a = (ns.a, ns.a) %}"
            + "{% endfor %}{{ {ns.a: 1} }}",
        "{% set ns = namespace(a=()) %}{% for i in range(100) %}{% set ns.a = (ns.a, ns.a) %}"
            + "{% endfor %}{{ [ns.a, ns.a]|unique|list }}",
        "{% set ns = namespace(a=[]) %}{% for i in range(100) %}{% set ns.a = [ns.a, ns.a] %}"
            + "{% endfor %}{{ ns.a|pprint }}",
        "{% set ns = namespace() %}{% set ns.a = [ns] %}{{ ns }}",
        "{% set ns = namespace() %}{% set ns.a = ns %}{{ ns.a|string }}",
        "{% set ns = namespace(a=1) %}{% for i in range(5000) %}{% set ns.a = [ns.a] %}"
            + "{% endfor %}{{ ns.a }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(n) %}{{ m(n + 1) ~ m(n + 1) }}{% endmacro %}{{ m(0) }}",
        "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{{ caller }}{% endmacro %}{{ m() }}",
        "{% macro m(f) %}{% if f > 0 %}{{ m(f - 1) }}{{ m(f - 1) }}{% endif %}{% endmacro %}"
            + "{{ m(60) }}",
        "{% set a = [1] %}{% for i in a recursive %}{{ loop(a) }}{% endfor %}",
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{% for a in range(100000) %}{{ 'x' * 1000 }}{% endfor %}",
        "{% set s = 'x' * 1000000 %}{% for a in range(100000) %}{{ s|length }}{% endfor %}",
        "{% set s = 'x' * 1000000 %}{% for a in range(100000) %}{{ s[0] }}{% endfor %}",
        "{% set s = 'x' * 1000000 %}{% for a in range(100000) %}{{ 'y' in s }}{% endfor %}",
        "{% set s = 'x' * 1000000 %}{% for a in range(100000) %}{{ s.upper().lower() == s }}"
            + "{% endfor %}",
        "{% set s = 'x' * 1000000 %}{% for a in range(100000) %}{% set t = s.split('x') %}"
            + "{% endfor %}",
        "{% set s = range(100000)|list %}{% for a in s %}{% set t = s|sort|reverse|list %}"
            + "{% endfor %}",
        "{% set s = range(100000)|list %}{% for a in s %}{{ a in s }}{% endfor %}"
      })
  void refusesWhatWouldNotEnd(String template) {
    assertTrue(refuse(template).startsWith("template line 1: "));
  }

  static List<String> deepSources() {
    int n = 100_000;
    return List.of(
        "{{ " + "(".repeat(n) + "1" + ")".repeat(n) + " }}",
        "{{ " + "[".repeat(n) + "]".repeat(n) + " }}",
        "{{ " + "{1:".repeat(n) + "1" + "}".repeat(n) + " }}",
        "{{ " + "not ".repeat(n) + "x }}",
        "{{ " + "-".repeat(n) + "x }}",
        "{{ " + "x(".repeat(n) + ")".repeat(n) + " }}",
        "{{ " + "x[".repeat(n) + "]".repeat(n) + " }}",
        "{{ " + "x if x else ".repeat(n) + "x }}",
        "{{ x" + " + x".repeat(n) + " }}",
        "{{ x" + " ~ x".repeat(n) + " }}",
        "{{ x" + " ** x".repeat(n) + " }}",
        "{{ x" + " and x".repeat(n) + " }}",
        "{{ x" + "|string".repeat(n) + " }}",
        "{{ x" + ".y".repeat(n) + " }}",
        "{{ x" + "[0]".repeat(n) + " }}",
        "{{ x" + "()".repeat(n) + " }}",
        "{{ x" + " if x".repeat(n) + " }}",
        "{% set " + "(".repeat(n) + "a" + ")".repeat(n) + " = 1 %}",
        "{% for " + "(".repeat(n) + "a" + ")".repeat(n) + " in x %}{% endfor %}",
        "{% if x %}".repeat(n / 2) + "{% endif %}".repeat(n / 2),
        "{% for a in x %}".repeat(n / 2),
        "{% filter upper %}".repeat(n / 2),
        "{% set a %}".repeat(n / 2),
        "{% macro m() %}".repeat(n / 2),
        "{% call x() %}".repeat(n / 2),
        "{% with %}".repeat(n / 2),
        "{#".repeat(n),
        "{{".repeat(n),
        "{%".repeat(n),
        "{% raw %}".repeat(n / 2),
        "x".repeat(TemplateLimits.MAX_SOURCE + 1));
  }

  @ParameterizedTest
  @MethodSource("deepSources")
  void refusesDeepNestingWithoutOverflowingTheStack(String template) {
    refuse(template);
  }

  @Test
  void staysWithinASmallStack() throws InterruptedException {
    List<String> templates =
        List.of(
            "{{ " + "(".repeat(99) + "1" + ")".repeat(99) + " }}",
            "{{ x" + " + x".repeat(100_000) + " }}",
            "{% if x %}".repeat(99)
                + "{{ "
                + "[".repeat(95)
                + "]".repeat(95)
                + " }}"
                + "{% endif %}".repeat(99),
            "{% macro m() %}{% if x %}{% for i in [1] %}{{ [m()]|map('upper')|list|join ~ 'a' }}"
                + "{% endfor %}{% endif %}{% endmacro %}{{ m() }}",
            "{% set ns = namespace(a=1) %}{% for i in range(5000) %}{% set ns.a = [ns.a] %}"
                + "{% endfor %}{{ ns.a|tojson }}");
    Throwable[] failure = new Throwable[1];
    Thread thread =
        new Thread(
            null,
            () -> {
              for (String template : templates) {
                try {
                  ChatTemplate.parse(template).render(Map.of("x", 1));
                } catch (TemplateException _) {
                  continue;
                }
              }
            },
            "small stack",
            512 << 10);
    thread.setUncaughtExceptionHandler((_, e) -> failure[0] = e);
    thread.start();
    thread.join();
    assertEquals(null, failure[0]);
  }

  @Test
  void searchesAdversarialTextsInLinearTime() {
    String text = "{% set s = 'a' * 4000000 %}{% set p = 'a' * 2000000 ~ 'b' %}";
    assertEquals("False", render(text + "{{ p in s }}"));
    assertEquals("-1-1", render(text + "{{ s.find(p) }}{{ s.rfind(p) }}"));
    assertEquals("0", render(text + "{{ s.count(p) }}"));
    assertEquals("1", render(text + "{{ s.split(p)|length }}"));
    assertEquals("True", render(text + "{{ s.replace(p, '') == s }}"));
    assertEquals("2", render(text + "{{ ('b' ~ p).find(p[1:]) }}"));
  }

  @Test
  void wrapsALongWordInLinearTime() {
    assertEquals("1999999", render("{{ ('a' * 1000000)|wordwrap(1)|length }}"));
  }

  @Test
  void countsStepsAcrossTheWholeTemplate() {
    TemplateLimits few = new TemplateLimits(1000, 100, 1000);
    ChatTemplate template = ChatTemplate.parse("{% for i in range(n) %}{{ i }}{% endfor %}");
    Clock clock = Clock.systemUTC();
    assertEquals("0123", template.render(Map.of("n", 4), clock, few));
    TemplateException thrown =
        assertThrows(TemplateException.class, () -> template.render(Map.of("n", 1000), clock, few));
    assertEquals("template line 1: more than 1000 steps", thrown.getMessage());
  }

  @Test
  void limitsTheOutput() {
    TemplateLimits small = new TemplateLimits(1_000_000, 100, 100);
    ChatTemplate template = ChatTemplate.parse("{% for i in range(n) %}{{ 'abcde' }}{% endfor %}");
    Clock clock = Clock.systemUTC();
    assertEquals(100, template.render(Map.of("n", 20), clock, small).length());
    assertThrows(TemplateException.class, () -> template.render(Map.of("n", 21), clock, small));
  }

  @Test
  void limitsNestedCalls() {
    TemplateLimits shallow = new TemplateLimits(1_000_000, 5, 1000);
    ChatTemplate template =
        ChatTemplate.parse(
            "{% macro m(n) %}{{ n }}{% if n %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(k) }}");
    Clock clock = Clock.systemUTC();
    assertEquals("43210", template.render(Map.of("k", 4), clock, shallow));
    assertThrows(TemplateException.class, () -> template.render(Map.of("k", 5), clock, shallow));
  }

  @Test
  void refusesInputNestedTooDeeply() {
    Object value = 1;
    for (int i = 0; i < 100_000; i++) {
      value = Arrays.asList(value);
    }
    Map<String, Object> context = new LinkedHashMap<>();
    context.put("x", value);
    assertThrows(TemplateException.class, () -> ChatTemplate.parse("{{ 1 }}").render(context));
  }

  @Test
  void refusesInputThatIsNotJson() {
    TemplateException thrown =
        assertThrows(
            TemplateException.class,
            () -> ChatTemplate.parse("x").render(Map.of("x", new StringBuilder("y"))));
    assertTrue(thrown.getMessage().contains("java.lang.StringBuilder"), thrown.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ x.getClass() }}",
        "{{ x.class.name }}",
        "{{ 'a'.getBytes() }}",
        "{{ [].stream() }}",
        "{{ {}.entrySet() }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ range.body() }}",
        "{{ namespace().attributes() }}",
        "{{ cycler(1).next.call() }}"
      })
  void reachesNoJavaObject(String template) {
    refuse(template);
  }
}
