package org.slmruntime.train.stories;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Who has which role in one story. All characters are people or all are animals, and those after
 * the first have the other gender, so that a pronoun says who is meant. Nobody and nothing occurs
 * twice. Not thread-safe.
 */
final class Cast {
  private static final String CHARACTERS = "characters";

  private final Lexicon lexicon;
  private final Draws draws;
  private final String world;
  private final Map<String, Entity> roles = new LinkedHashMap<>();
  private final List<String> taken = new ArrayList<>();
  private boolean leadIsShe;
  private boolean hasLead;

  Cast(Lexicon lexicon, Draws draws) {
    this.lexicon = lexicon;
    this.draws = draws;
    this.world = draws.evenly() ? "person" : "animal";
  }

  Map<String, Entity> roles() {
    return roles;
  }

  Entity get(String role) {
    Entity entity = roles.get(role);
    if (entity == null) {
      throw new IllegalStateException("nobody has the role " + role + " beside " + roles.keySet());
    }
    return entity;
  }

  /** Gives a role to a row of a table, or to a new character. */
  void cast(String role, String table, List<String> tags) {
    Entity entity =
        table.equals(CHARACTERS)
            ? character(tags)
            : new Entity().draw(draw(table, tags), draws).agree();
    roles.put(role, entity);
  }

  private Entity character(List<String> tags) {
    boolean she = hasLead ? !leadIsShe : draws.evenly();
    if (!hasLead) {
      hasLead = true;
      leadIsShe = she;
    }
    String gender = she ? "she" : "he";
    String other = she ? "-he" : "-she";
    List<String> wanted = Stream.concat(Stream.of(world, other), tags.stream()).toList();
    Lexicon.Entry kind = draw("kinds", wanted);
    Lexicon.Entry trait = draw("traits", List.of());
    Lexicon.Entry hobby = draw("hobbies", List.of("-" + other(world)));
    return new Entity()
        .draw(kind, draws)
        .set("kind", kind.name())
        .set("trait", trait.name())
        .set("hobby", hobby.name())
        .draw(draw("names", List.of(gender)), draws)
        .agree();
  }

  private static String other(String world) {
    return world.equals("person") ? "animal" : "person";
  }

  private Lexicon.Entry draw(String table, List<String> tags) {
    List<Lexicon.Entry> suitable =
        lexicon.table(table).stream()
            .filter(entry -> entry.suits(tags))
            .filter(entry -> !taken.contains(table + entry.name()))
            .toList();
    if (suitable.isEmpty()) {
      throw new IllegalStateException("table " + table + " has nothing left with " + tags);
    }
    Lexicon.Entry drawn = draws.one(suitable);
    if (!drawn.tags().contains("common")) {
      taken.add(table + drawn.name());
    }
    return drawn;
  }
}
