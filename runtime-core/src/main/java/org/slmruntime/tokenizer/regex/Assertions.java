package org.slmruntime.tokenizer.regex;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.List;

/**
 * Where the assertions of a pattern hold in one text, found in one pass over the text each before
 * matching begins: from its end backwards for what looks ahead. So an assertion costs the same
 * wherever it stands, and matching needs no backtracking for it.
 */
final class Assertions {
  private final CharSequence text;
  private final int end;

  private Assertions(CharSequence text, int end) {
    this.text = text;
    this.end = end;
  }

  /** For each assertion of the program, the places where it holds. */
  static BitSet[] places(RegexProgram program, CharSequence text, int end) {
    return new Assertions(text, end).places(program);
  }

  private BitSet[] places(RegexProgram program) {
    List<RegexProgram.Condition> conditions = program.conditions();
    BitSet[] places = new BitSet[conditions.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = places(conditions.get(i));
    }
    return places;
  }

  private BitSet places(RegexProgram.Condition condition) {
    return switch (condition.kind()) {
      case AHEAD -> new Simulation(condition.body()).backwards();
      case BEHIND -> new Simulation(condition.body()).forwards();
      case TEXT_START, LINE_START, WORD_BOUNDARY -> simple(condition.kind());
    };
  }

  private BitSet simple(RegexNode.Kind kind) {
    BitSet places = new BitSet(end + 1);
    for (int i = 0; i <= end; i += width(i)) {
      int before = i == 0 ? -1 : Character.codePointBefore(text, i);
      boolean holds =
          switch (kind) {
            case TEXT_START -> before < 0;
            case LINE_START -> before < 0 || before == '\n' && i < end;
            default -> isWord(before) != isWord(pointAt(i));
          };
      places.set(i, holds);
    }
    return places;
  }

  private static boolean isWord(int point) {
    return point >= 0 && CharSets.isRegexWord(point);
  }

  private int pointAt(int position) {
    return position < end ? Regex.codePointAt(text, position, end) : -1;
  }

  private int width(int position) {
    return Math.max(1, Character.charCount(Math.max(0, pointAt(position))));
  }

  /** All the places where a body can be, step by step. */
  private final class Simulation {
    private final RegexProgram program;
    private final BitSet[] inner;
    private BitSet states = new BitSet();
    private final BitSet ends = new BitSet(end + 1);

    Simulation(RegexProgram program) {
      this.program = program;
      this.inner = places(program);
    }

    BitSet forwards() {
      for (int i = 0; i <= end; i += width(i)) {
        enter(i);
        step(pointAt(i));
      }
      return ends;
    }

    BitSet backwards() {
      int i = end;
      while (true) {
        enter(i);
        if (i == 0) {
          return ends;
        }
        int point = Character.codePointBefore(text, i);
        step(point);
        i -= Character.charCount(point);
      }
    }

    /** Lets an attempt begin here, and follows what takes no text. */
    private void enter(int at) {
      BitSet seen = new BitSet();
      ArrayDeque<Integer> pending = new ArrayDeque<>();
      states.set(0);
      states.stream().forEach(pending::push);
      while (!pending.isEmpty()) {
        int state = pending.pop();
        if (seen.get(state)) {
          continue;
        }
        seen.set(state);
        switch (program.get(state)) {
          case RegexProgram.Match _ -> ends.set(at);
          case RegexProgram.Take _ -> {}
          case RegexProgram.Jump jump -> pending.push(jump.target());
          case RegexProgram.Split split -> {
            pending.push(split.first());
            pending.push(split.second());
          }
          case RegexProgram.Look look -> {
            int next = pointAt(at);
            if (next < 0 ? look.atEnd() : look.set().test(next)) {
              pending.push(state + 1);
            }
          }
          case RegexProgram.Assert check -> {
            if (inner[check.condition()].get(at) != check.negated()) {
              pending.push(state + 1);
            }
          }
        }
      }
      states = seen;
    }

    private void step(int point) {
      BitSet next = new BitSet();
      for (int s = states.nextSetBit(0); s >= 0; s = states.nextSetBit(s + 1)) {
        if (point >= 0
            && program.get(s) instanceof RegexProgram.Take take
            && take.set().test(point)) {
          next.set(s + 1);
        }
      }
      states = next;
    }
  }
}
