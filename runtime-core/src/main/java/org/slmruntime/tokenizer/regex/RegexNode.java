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

  /** Holds at places that more than the next code point decides on. */
  record Assertion(Kind kind, boolean negated, RegexNode body) implements RegexNode {}

  enum Kind {
    TEXT_START,
    LINE_START,
    WORD_BOUNDARY,
    /** The body matches from here on. */
    AHEAD,
    /** The body matches up to here. */
    BEHIND
  }

  /** The same texts read from their end. */
  default RegexNode reversed() {
    return switch (this) {
      case Sequence s ->
          new Sequence(s.parts.reversed().stream().map(RegexNode::reversed).toList());
      case Choice c -> new Choice(c.alternatives.stream().map(RegexNode::reversed).toList());
      case Repeat r -> new Repeat(r.part.reversed(), r.min, r.max, r.greedy);
      case Chars _, Look _, Assertion _ -> this;
    };
  }
}
