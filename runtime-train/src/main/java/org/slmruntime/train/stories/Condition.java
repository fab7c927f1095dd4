package org.slmruntime.train.stories;

import java.util.Map;

/**
 * What must hold for an alternative: {@code hero.animal} (a tag), {@code hero.mood=sad} (an
 * attribute's value), or {@code !} before either.
 */
record Condition(String role, String attribute, String value, boolean negated) {
  static Condition parse(String text) {
    boolean negated = text.startsWith("!");
    String positive = negated ? text.substring(1) : text;
    int dot = positive.indexOf('.');
    int equals = positive.indexOf('=');
    if (dot < 0) {
      throw new IllegalStateException("condition " + text + " has no dot");
    }
    return new Condition(
        positive.substring(0, dot),
        positive.substring(dot + 1, equals < 0 ? positive.length() : equals),
        equals < 0 ? "" : positive.substring(equals + 1),
        negated);
  }

  /** The same of another role. */
  Condition as(String otherRole) {
    return new Condition(otherRole, attribute, value, negated);
  }

  /** A role that nobody has fulfils no positive condition. */
  boolean holds(Map<String, Entity> roles) {
    Entity entity = roles.get(role);
    boolean positive =
        entity != null
            && (value.isEmpty()
                ? entity.hasTag(attribute)
                : entity.find(attribute).filter(value::equals).isPresent());
    return positive != negated;
  }
}
