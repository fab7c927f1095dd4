package org.slmruntime.tokenizer.regex;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;

/**
 * A compiled pattern. Matching is leftmost, preferring earlier alternatives, as Perl and Oniguruma
 * do, but runs an automaton whose states are ordered sets of program positions, built as texts need
 * them. Thread-safe.
 */
public final class Regex {
  private static final int MAX_STATES = 10_000;
  private static final int END_OF_TEXT = 0;

  private final RegexProgram program;
  private final List<IntPredicate> sets;
  private final Map<BitSet, Integer> classIds = new HashMap<>();
  private final List<Example> classExamples = new ArrayList<>();
  private final Map<Long, Integer> classesAtConditions = new ConcurrentHashMap<>();
  private final char[][] classPages = new char[(Character.MAX_CODE_POINT + 1) >> 8][];
  private final Map<List<Integer>, State> states = new HashMap<>();
  private volatile State start;

  /** A set of program positions in order of preference, with its known successors. */
  private static final class State {
    final int[] positions;
    volatile Transition[] next = new Transition[32];

    State(int[] positions) {
      this.positions = positions;
    }
  }

  /**
   * @param target null if no position is left
   * @param matched whether a match ends before the code point that was read
   */
  private record Transition(State target, boolean matched) {}

  /**
   * One member of a class.
   *
   * @param point -1 for the end of the text
   * @param conditions which of the program's conditions hold before it
   */
  private record Example(int point, int conditions) {}

  private Regex(String pattern) {
    program = new RegexProgram(new RegexParser(pattern).parse());
    sets = program.sets();
    classExamples.add(new Example(-1, 0));
    start = new State(new int[] {0});
  }

  /**
   * @throws org.slmruntime.tokenizer.TokenizerException if the syntax is unknown, naming the
   *     pattern
   */
  public static Regex compile(String pattern) {
    return new Regex(pattern);
  }

  /**
   * The end of the match that begins exactly at {@code from}, or -1 if none does.
   *
   * @param end where the text ends
   */
  public int matchEnd(CharSequence text, int from, int end) {
    return new Scan(text, end).matchEnd(from);
  }

  /** A search through one text from left to right. */
  public Scan scan(CharSequence text) {
    return new Scan(text, text.length());
  }

  /**
   * Matches one text at places from left to right, none before the end of an earlier match. Where
   * an attempt read on without meeting a match, later ones that come to the same state stop: a text
   * made of beginnings of matches is not read to its end again and again. Not thread-safe.
   */
  public final class Scan {
    private static final int FAR = 64;

    private final CharSequence text;
    private final int end;

    /** By position, a state that was there and met no match; null while attempts stay short. */
    private State[] barren;

    /** Where each condition of the program holds. */
    private final BitSet[] places;

    private Scan(CharSequence text, int end) {
      this.text = text;
      this.end = end;
      this.places = program.conditions().isEmpty() ? null : Assertions.places(program, text, end);
    }

    /** The end of the match that begins exactly at {@code from}, or -1 if none does. */
    public int matchEnd(int from) {
      State state = start;
      int matched = -1;
      int position = from;
      while (state != null && !knownBarren(state, position)) {
        int point = position < end ? codePointAt(text, position, end) : -1;
        Transition transition = transition(state, classAt(position, point));
        if (transition.matched) {
          matched = position;
        }
        if (point < 0) {
          break;
        }
        position += Character.charCount(point);
        state = transition.target;
        if (barren == null && position - Math.max(from, matched) > FAR) {
          barren = new State[end + 1];
        }
      }
      return matched;
    }

    private int classAt(int position, int point) {
      int conditions = 0;
      if (places != null) {
        for (int i = 0; i < places.length; i++) {
          conditions |= places[i].get(position) ? 1 << i : 0;
        }
      }
      int plain = point < 0 ? END_OF_TEXT : classOf(point);
      if (conditions == 0) {
        return plain;
      }
      Integer known = classesAtConditions.get((long) plain << 32 | conditions);
      return known != null ? known : addClass(plain, conditions);
    }

    /** Also notes the state: if it is met again here, this attempt has not matched beyond. */
    private boolean knownBarren(State state, int position) {
      if (barren == null) {
        return false;
      }
      boolean known = barren[position] == state;
      barren[position] = state;
      return known;
    }
  }

  static int codePointAt(CharSequence text, int position, int end) {
    char high = text.charAt(position);
    if (Character.isHighSurrogate(high) && position + 1 < end) {
      char low = text.charAt(position + 1);
      if (Character.isLowSurrogate(low)) {
        return Character.toCodePoint(high, low);
      }
    }
    return high;
  }

  private Transition transition(State state, int charClass) {
    Transition[] next = state.next;
    Transition known = charClass < next.length ? next[charClass] : null;
    return known != null ? known : addTransition(state, charClass);
  }

  private synchronized Transition addTransition(State state, int charClass) {
    if (states.size() > MAX_STATES) {
      // Forget what was built: the memory stays bounded and matching goes on.
      states.clear();
      start = new State(new int[] {0});
    }
    Example example = classExamples.get(charClass);
    List<Integer> after = new ArrayList<>();
    boolean[] seen = new boolean[program.size()];
    boolean matched = false;
    for (int position : state.positions) {
      if (follow(position, example, seen, after)) {
        matched = true;
        break;
      }
    }
    State target =
        after.isEmpty()
            ? null
            : states.computeIfAbsent(
                after, key -> new State(key.stream().mapToInt(i -> i).toArray()));
    Transition transition = new Transition(target, matched);
    Transition[] next = state.next;
    if (charClass >= next.length) {
      next = Arrays.copyOf(next, Math.max(charClass + 1, 2 * next.length));
    }
    next[charClass] = transition;
    state.next = next;
    return transition;
  }

  /**
   * Follows what needs no input from {@code position}, then the code point, collecting where it
   * leads.
   *
   * @return whether a match was reached: what is less preferred does not matter any more
   */
  private boolean follow(int position, Example example, boolean[] seen, List<Integer> after) {
    int point = example.point;
    ArrayDeque<Integer> pending = new ArrayDeque<>();
    pending.push(position);
    while (!pending.isEmpty()) {
      int at = pending.pop();
      if (seen[at]) {
        continue;
      }
      seen[at] = true;
      switch (program.get(at)) {
        case RegexProgram.Match _ -> {
          return true;
        }
        case RegexProgram.Take take -> {
          if (point >= 0 && take.set().test(point)) {
            after.add(at + 1);
          }
        }
        case RegexProgram.Look look -> {
          if (point < 0 ? look.atEnd() : look.set().test(point)) {
            pending.push(at + 1);
          }
        }
        case RegexProgram.Assert check -> {
          if ((example.conditions >>> check.condition() & 1) == 0 == check.negated()) {
            pending.push(at + 1);
          }
        }
        case RegexProgram.Jump jump -> pending.push(jump.target());
        case RegexProgram.Split split -> {
          pending.push(split.second());
          pending.push(split.first());
        }
      }
    }
    return false;
  }

  /** Code points that no set of the pattern tells apart share a class; 0 is the end of text. */
  private int classOf(int point) {
    char[] page = classPages[point >> 8];
    int known = page == null ? 0 : page[point & 0xff];
    return known != 0 ? known : addClass(point);
  }

  private synchronized int addClass(int point) {
    int id = classLike(new Example(point, 0));
    char[] page = classPages[point >> 8];
    if (page == null) {
      page = new char[256];
      classPages[point >> 8] = page;
    }
    page[point & 0xff] = (char) id;
    return id;
  }

  private synchronized int addClass(int plain, int conditions) {
    int id = classLike(new Example(classExamples.get(plain).point, conditions));
    classesAtConditions.put((long) plain << 32 | conditions, id);
    return id;
  }

  private int classLike(Example example) {
    BitSet members = BitSet.valueOf(new long[] {example.conditions});
    members.set(Integer.SIZE, example.point < 0);
    for (int i = 0; i < sets.size() && example.point >= 0; i++) {
      members.set(Integer.SIZE + 1 + i, sets.get(i).test(example.point));
    }
    return classIds.computeIfAbsent(
        members,
        _ -> {
          classExamples.add(example);
          return classExamples.size() - 1;
        });
  }
}
