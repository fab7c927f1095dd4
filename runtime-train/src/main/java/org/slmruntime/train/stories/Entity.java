package org.slmruntime.train.stories;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whoever or whatever has a role in one story, with attributes that change as it goes on. */
final class Entity {
  static final String NAME = "name";

  private final Set<String> tags = new HashSet<>();
  private final Map<String, String> attributes = new HashMap<>();

  boolean hasTag(String tag) {
    return tags.contains(tag);
  }

  Entity tag(String tag) {
    tags.add(tag);
    return this;
  }

  Entity set(String attribute, String value) {
    attributes.put(attribute, value);
    return this;
  }

  Optional<String> find(String attribute) {
    return Optional.ofNullable(attributes.get(attribute));
  }

  String get(String attribute) {
    return find(attribute)
        .orElseThrow(() -> new IllegalStateException(attributes + " has no " + attribute));
  }

  /** Adds what a row of the lexicon says, with one of the values that it offers for each. */
  Entity draw(Lexicon.Entry entry, Draws draws) {
    tags.addAll(entry.tags());
    entry.attributes().forEach((key, values) -> set(key, draws.one(values)));
    return this;
  }

  /** Adds the words that agree with what this is: pronouns, and how it is named and called. */
  Entity agree() {
    boolean she = hasTag("she");
    boolean person = she || hasTag("he");
    set("he", she ? "she" : person ? "he" : "it");
    set("him", she ? "her" : person ? "him" : "it");
    set("his", she ? "her" : person ? "his" : "its");
    set("himself", she ? "herself" : person ? "himself" : "itself");
    String name = get(NAME);
    boolean proper = Character.isUpperCase(name.charAt(0));
    set("the", proper ? name : "the " + name);
    set("call", Prose.capital(name));
    return this;
  }
}
