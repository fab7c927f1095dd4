package org.slmruntime.train.stories;

import java.util.List;

/** A sentence frame, parsed. {@link TemplateParser} has the syntax. */
sealed interface Template {
  /** Stands for itself. */
  record Text(String text) implements Template {}

  record Sequence(List<Template> parts) implements Template {}

  /** One of several, each as likely. */
  record Choice(List<Template> options) implements Template {}

  /**
   * A word of whoever or whatever has a role.
   *
   * @param capital whether its first letter is made a capital
   */
  record Word(String role, String attribute, boolean capital) implements Template {}

  /** An alternative of a rule, with roles as its arguments. */
  record Call(String rule, List<String> roles) implements Template {}

  /**
   * Casts a role; says nothing.
   *
   * @param tags that an entry must have, or must not have where "-" is before it
   */
  record Cast(String role, String table, List<String> tags) implements Template {}

  /** Changes an attribute; says nothing. */
  record Assign(String role, String attribute, String value) implements Template {}
}
