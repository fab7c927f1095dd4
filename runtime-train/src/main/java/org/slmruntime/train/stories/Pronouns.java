package org.slmruntime.train.stories;

import java.util.Map;

/**
 * Says "she" or "he" instead of a name where nobody can be mistaken: at the start of a sentence,
 * outside of speech, if the sentence before it in the same paragraph began with the same one, holds
 * no speech, and names nobody else whom the pronoun could mean. Not thread-safe.
 */
final class Pronouns {
  private final Map<String, Entity> roles;
  private Entity subject;
  private int subjectAt;

  Pronouns(Map<String, Entity> roles) {
    this.roles = roles;
  }

  /**
   * Whether a pronoun could stand for an entity, whose name or pronoun is next.
   *
   * @param told the raw text before it
   */
  boolean fits(Entity entity, StringBuilder told) {
    if (!startsSentence(told)) {
      return false;
    }
    boolean fits = entity == subject && isAlone(told.substring(subjectAt), entity);
    subject = entity;
    subjectAt = told.length();
    return fits;
  }

  /** Whether the text is at its beginning, behind the end of a sentence or of a paragraph. */
  private static boolean startsSentence(StringBuilder told) {
    int last = told.length() - 1;
    while (last >= 0 && told.charAt(last) == ' ') {
      last--;
    }
    return last < 0 || ".!?/".indexOf(told.charAt(last)) >= 0;
  }

  /** Whether a text is one sentence about an entity alone. */
  private boolean isAlone(String sentence, Entity entity) {
    boolean one = sentence.chars().filter(c -> ".!?".indexOf(c) >= 0).count() == 1;
    boolean plain = !sentence.contains("\"") && !sentence.contains("//");
    return one
        && plain
        && roles.values().stream()
            .filter(e -> e != entity && e.get("he").equals(entity.get("he")))
            .noneMatch(e -> sentence.contains(e.get(Entity.NAME)));
  }
}
