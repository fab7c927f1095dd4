package org.slmruntime.train.stories;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One story as it is told: expands frames from left to right, so that what is said can depend on
 * what has happened. No alternative is said twice while another is left. Not thread-safe.
 */
final class Telling {
  private static final int MAX_DEPTH = 40;

  private final Grammar grammar;
  private final Draws draws;
  private final Cast cast;
  private final Pronouns pronouns;
  private final Set<Grammar.Alternative> said = new HashSet<>();
  private final StringBuilder text = new StringBuilder();

  Telling(Grammar grammar, Lexicon lexicon, Draws draws) {
    this.grammar = grammar;
    this.draws = draws;
    this.cast = new Cast(lexicon, draws);
    this.pronouns = new Pronouns(cast.roles());
  }

  /**
   * The raw text of a rule without roles, which {@link Prose} finishes. Who was cast before keeps
   * the role.
   */
  String tell(String rule) {
    text.setLength(0);
    call(grammar.get(rule), List.of(), 0);
    return text.toString();
  }

  /**
   * @param roles that the rule's parameters stand for
   */
  private void call(Grammar.Rule rule, List<String> roles, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalStateException("rules call each other without end at: " + text);
    }
    if (roles.size() != rule.parameters().size()) {
      throw new IllegalStateException(roles + " given for " + rule.parameters());
    }
    Map<String, String> meanings = new HashMap<>();
    for (int i = 0; i < roles.size(); i++) {
      meanings.put(rule.parameters().get(i), roles.get(i));
    }
    Names names = new Names(meanings);
    Grammar.Alternative chosen = choose(rule, names);
    said.add(chosen);
    expand(chosen.template(), names, depth);
  }

  /** What a rule's parameters stand for; other names are roles themselves. */
  private record Names(Map<String, String> roles) {
    String role(String name) {
      return roles.getOrDefault(name, name);
    }
  }

  private Grammar.Alternative choose(Grammar.Rule rule, Names names) {
    List<Grammar.Alternative> possible =
        rule.alternatives().stream()
            .filter(a -> a.conditions().stream().allMatch(c -> holds(c, names)))
            .toList();
    if (possible.isEmpty()) {
      throw new IllegalStateException("no alternative fits after: " + text);
    }
    List<Grammar.Alternative> fresh = possible.stream().filter(a -> !said.contains(a)).toList();
    return draws.one(fresh.isEmpty() ? possible : fresh);
  }

  private boolean holds(Condition condition, Names names) {
    return condition.as(names.role(condition.role())).holds(cast.roles());
  }

  private void expand(Template template, Names names, int depth) {
    switch (template) {
      case Template.Text plain -> text.append(plain.text());
      case Template.Sequence sequence -> sequence.parts().forEach(p -> expand(p, names, depth));
      case Template.Choice choice -> expand(draws.one(choice.options()), names, depth);
      case Template.Word word -> text.append(word(word, names));
      case Template.Call call ->
          call(
              grammar.get(call.rule()), call.roles().stream().map(names::role).toList(), depth + 1);
      case Template.Cast role -> cast.cast(names.role(role.role()), role.table(), role.tags());
      case Template.Assign assign ->
          cast.get(names.role(assign.role())).set(assign.attribute(), assign.value());
    }
  }

  private String word(Template.Word word, Names names) {
    Entity entity = cast.get(names.role(word.role()));
    boolean fits = isSubject(word, entity) && pronouns.fits(entity, text);
    boolean isName = word.attribute().equals(Entity.NAME);
    String value = entity.get(fits && isName && draws.evenly() ? "he" : word.attribute());
    return word.capital() ? Prose.capital(value) : value;
  }

  /** Whether a word names someone, or stands for the name. */
  private static boolean isSubject(Template.Word word, Entity entity) {
    boolean person = entity.hasTag("she") || entity.hasTag("he");
    return person && (word.attribute().equals(Entity.NAME) || word.attribute().equals("he"));
  }
}
