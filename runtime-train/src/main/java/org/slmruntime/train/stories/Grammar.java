package org.slmruntime.train.stories;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rules, each with alternatives. In the text, a rule begins with {@code name roles:}, an
 * alternative with {@code - }, perhaps {@code [conditions]}, then a sentence frame, which goes on
 * in indented lines; a rule that occurs again gets more alternatives. Immutable.
 */
final class Grammar {
  record Alternative(List<Condition> conditions, Template template) {}

  record Rule(List<String> parameters, List<Alternative> alternatives) {}

  private final Map<String, Rule> rules = new LinkedHashMap<>();

  private Grammar() {}

  static Grammar parse(List<String> lines) {
    Grammar grammar = new Grammar();
    Rule rule = null;
    for (String line : joined(lines)) {
      if (!line.startsWith("- ")) {
        rule = grammar.rule(line);
      } else if (rule != null) {
        rule.alternatives.add(alternative(line.substring(2)));
      } else {
        throw new IllegalStateException("no rule before: " + line);
      }
    }
    return grammar;
  }

  /** Lines with what goes on in indented ones, without comments. */
  private static List<String> joined(List<String> lines) {
    List<String> joined = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith("  ")) {
        joined.add(joined.removeLast() + " " + line.strip());
      } else if (!line.isBlank() && !line.startsWith("#")) {
        joined.add(line);
      }
    }
    return joined;
  }

  private Rule rule(String line) {
    if (!line.endsWith(":")) {
      throw new IllegalStateException("a rule's name must end with a colon: " + line);
    }
    List<String> words = Arrays.asList(line.substring(0, line.length() - 1).split(" ", -1));
    List<String> parameters = List.copyOf(words.subList(1, words.size()));
    Rule rule =
        rules.computeIfAbsent(words.getFirst(), _ -> new Rule(parameters, new ArrayList<>()));
    if (!rule.parameters.equals(parameters)) {
      throw new IllegalStateException("rule " + line + " had the roles " + rule.parameters);
    }
    return rule;
  }

  private static Alternative alternative(String text) {
    int end = text.startsWith("[") ? text.indexOf(']') : -1;
    List<Condition> conditions =
        end < 0
            ? List.of()
            : Arrays.stream(text.substring(1, end).split(" ", -1)).map(Condition::parse).toList();
    return new Alternative(conditions, TemplateParser.parse(text.substring(end + 1).strip()));
  }

  Rule get(String name) {
    Rule rule = rules.get(name);
    if (rule == null) {
      throw new IllegalStateException("there is no rule " + name);
    }
    return rule;
  }

  Map<String, Rule> rules() {
    return rules;
  }
}
