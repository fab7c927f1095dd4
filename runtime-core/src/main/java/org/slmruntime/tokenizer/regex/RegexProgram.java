package org.slmruntime.tokenizer.regex;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.slmruntime.tokenizer.TokenizerException;

/**
 * A pattern as a nondeterministic automaton (Thompson, 1968) whose branches are ordered by
 * preference, as in Cox's "Regular Expression Matching: the Virtual Machine Approach".
 */
final class RegexProgram {
  private static final int MAX_INSTRUCTIONS = 20_000;
  private static final int MAX_ASSERTION = 256;
  private static final int MAX_EMITTED = 1_000_000;

  sealed interface Instruction {}

  /** Takes one code point of the set, then goes on at the next instruction. */
  record Take(IntPredicate set) implements Instruction {}

  record Look(IntPredicate set, boolean atEnd) implements Instruction {}

  /** Goes on where a condition holds, or does not. */
  record Assert(int condition, boolean negated) implements Instruction {}

  /**
   * @param body reversed if the condition looks ahead; null if the kind says all
   */
  record Condition(RegexNode.Kind kind, RegexProgram body) {}

  /** Goes on at {@code first}, and if that fails at {@code second}. */
  record Split(int first, int second) implements Instruction {}

  record Jump(int target) implements Instruction {}

  record Match() implements Instruction {}

  private final List<Instruction> code = new ArrayList<>();
  private final List<Condition> conditions = new ArrayList<>();
  private final Map<RegexNode, Integer> conditionIds = new IdentityHashMap<>();
  private int emitted;

  RegexProgram(RegexNode root) {
    emit(root);
    add(new Match());
  }

  int size() {
    return code.size();
  }

  Instruction get(int index) {
    return code.get(index);
  }

  List<Condition> conditions() {
    return conditions;
  }

  /** Every set that is tested, in a fixed order. */
  List<IntPredicate> sets() {
    List<IntPredicate> sets = new ArrayList<>();
    for (Instruction i : code) {
      switch (i) {
        case Take take -> sets.add(take.set);
        case Look look -> sets.add(look.set);
        default -> {}
      }
    }
    return sets;
  }

  private int add(Instruction instruction) {
    if (code.size() == MAX_INSTRUCTIONS) {
      throw new TokenizerException("a pattern needs more than " + MAX_INSTRUCTIONS + " states");
    }
    code.add(instruction);
    return code.size() - 1;
  }

  private void emit(RegexNode node) {
    // Repetitions of nothing add no instruction, but must end nevertheless.
    if (++emitted > MAX_EMITTED) {
      throw new TokenizerException("a pattern repeats more than " + MAX_EMITTED + " parts");
    }
    switch (node) {
      case RegexNode.Chars chars -> add(new Take(chars.set()));
      case RegexNode.Look look -> add(new Look(look.set(), look.atEnd()));
      case RegexNode.Assertion a -> add(new Assert(condition(a), a.negated()));
      case RegexNode.Sequence sequence -> sequence.parts().forEach(this::emit);
      case RegexNode.Choice choice -> emitChoice(choice.alternatives());
      case RegexNode.Repeat repeat -> emitRepeat(repeat);
    }
  }

  /** A repeated assertion is one condition. */
  private int condition(RegexNode.Assertion assertion) {
    return conditionIds.computeIfAbsent(
        assertion,
        _ -> {
          conditions.add(new Condition(assertion.kind(), body(assertion)));
          return conditions.size() - 1;
        });
  }

  /** Small, for the states that may hold are gone through at every place of a text. */
  private static RegexProgram body(RegexNode.Assertion assertion) {
    if (assertion.body() == null) {
      return null;
    }
    boolean ahead = assertion.kind() == RegexNode.Kind.AHEAD;
    RegexProgram body = new RegexProgram(ahead ? assertion.body().reversed() : assertion.body());
    if (body.size() > MAX_ASSERTION) {
      throw new TokenizerException("an assertion needs more than " + MAX_ASSERTION + " states");
    }
    return body;
  }

  private void emitChoice(List<RegexNode> alternatives) {
    List<Integer> ends = new ArrayList<>();
    for (RegexNode alternative : alternatives.subList(0, alternatives.size() - 1)) {
      int split = add(new Match());
      emit(alternative);
      ends.add(add(new Match()));
      code.set(split, new Split(split + 1, code.size()));
    }
    emit(alternatives.getLast());
    ends.forEach(end -> code.set(end, new Jump(code.size())));
  }

  private void emitRepeat(RegexNode.Repeat repeat) {
    for (int i = 0; i < repeat.min(); i++) {
      emit(repeat.part());
    }
    if (repeat.max() < 0) {
      int split = add(new Match());
      emit(repeat.part());
      add(new Jump(split));
      code.set(split, branch(split + 1, code.size(), repeat.greedy()));
      return;
    }
    List<Integer> splits = new ArrayList<>();
    for (int i = repeat.min(); i < repeat.max(); i++) {
      splits.add(add(new Match()));
      emit(repeat.part());
    }
    splits.forEach(s -> code.set(s, branch(s + 1, code.size(), repeat.greedy())));
  }

  private static Split branch(int inside, int after, boolean greedy) {
    return greedy ? new Split(inside, after) : new Split(after, inside);
  }
}
