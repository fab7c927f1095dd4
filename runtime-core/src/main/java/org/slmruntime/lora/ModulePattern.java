package org.slmruntime.lora;

import java.util.List;
import java.util.Optional;
import org.slmruntime.format.Shown;
import org.slmruntime.json.JsonException;
import org.slmruntime.tokenizer.TokenizerException;
import org.slmruntime.tokenizer.regex.Regex;

/**
 * A value for modules whose name, or the end of it after a dot, matches a regular expression.
 *
 * @param text the expression
 */
record ModulePattern<T>(String text, Regex regex, T value) {
  /**
   * @throws JsonException if the expression is malformed
   */
  static <T> ModulePattern<T> of(String text, T value) {
    try {
      return new ModulePattern<>(text, Regex.compile("(?:.*\\.)?(?:" + text + ")$"), value);
    } catch (TokenizerException e) {
      throw new JsonException("pattern " + Shown.of(text) + ": " + Shown.of(e.getMessage()), e);
    }
  }

  /** The value of the first pattern that matches. */
  static <T> Optional<T> first(List<ModulePattern<T>> patterns, String module) {
    return patterns.stream()
        .filter(pattern -> pattern.regex.matchEnd(module, 0, module.length()) >= 0)
        .map(ModulePattern::value)
        .findFirst();
  }
}
