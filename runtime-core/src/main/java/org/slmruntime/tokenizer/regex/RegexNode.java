package org.slmruntime.tokenizer.regex;

import java.util.List;
import java.util.function.IntPredicate;

/** The syntax tree of a pattern. */
sealed interface RegexNode {
  /** One code point of a set. */
  record Chars(IntPredicate set) implements RegexNode {}

  record Sequence(List<RegexNode> parts) implements RegexNode {}

  /** The first alternative that leads to a match wins. */
  record Choice(List<RegexNode> alternatives) implements RegexNode {}

  /**
   * @param max -1 for no limit
   */
  record Repeat(RegexNode part, int min, int max, boolean greedy) implements RegexNode {}

  /**
   * Looks at the next code point without taking it.
   *
   * @param atEnd whether it holds at the end of the text
   */
  record Look(IntPredicate set, boolean atEnd) implements RegexNode {}
}
