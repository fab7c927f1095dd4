package org.slmruntime.train.stories;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrammarTest {
  private static final String LEXICON =
      """
      [names]
      Ann: she
      Bob: he
      [kinds]
      girl: person she common | home=a hut
      boy: person he common | home=a hut
      ant: animal | home=a hill
      owl: animal | home=a tree
      [traits]
      old: common
      [hobbies]
      run: common
      [things]
      drum: loud | adj=red
      kite: flies | adj=blue, blue
      """;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  private String tell(String... lines) {
    Lexicon lexicon = Lexicon.parse(LEXICON.lines().toList());
    return new Telling(Grammar.parse(List.of(lines)), lexicon, new Draws(seed, 0)).tell("story");
  }

  @Test
  void castsByTagsAndChoosesByWhatHolds() {
    assertEquals(
        "blue kite up",
        tell(
            "story:",
            "- {=t:things -loud}{t.adj} {t} <move t>",
            "move x:",
            "- [x.loud] boom",
            "- [x.flies !x.state=torn] up",
            "- [x.state=torn] down"));
    assertEquals(
        "down",
        tell(
            "story:",
            "- {=t:things flies}{!t.state=torn}<move t>",
            "move x:",
            "- [!x.state=torn] up",
            "- [x.state=torn] down"));
  }

  @Test
  void handsRolesOnThroughRules() {
    assertEquals(
        "kite drum",
        tell(
            "story:",
            "- {=a:things loud}{=b:things flies}<one a b>",
            "one x y:",
            "- <two y x>",
            "two x y:",
            "- {x} {y}"));
  }

  @Test
  void saysNoAlternativeTwiceWhileAnotherIsLeft() {
    for (int round = 0; round < 50; round++) {
      String told =
          new Telling(
                  Grammar.parse(
                      List.of("story:", "- <say><say><say>", "say:", "- a", "- b", "- c")),
                  Lexicon.parse(LEXICON.lines().toList()),
                  new Draws(seed, round))
              .tell("story");
      assertEquals("abc".chars().boxed().collect(toSet()), told.chars().boxed().collect(toSet()));
      assertEquals(3, told.length(), "seed " + seed);
    }
  }

  @Test
  void joinsIndentedLinesAndRulesThatOccurAgain() {
    assertEquals("a b", tell("# Nothing.", "story:", "- a", "  b", "", "story:", "- a b"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"(a|b", "a)", "{a", "<a", "{=a}", "{!a.b}", "{nobody}", "<nothing>", "[x] a"})
  void refusesFramesThatAreBroken(String frame) {
    assertThrows(IllegalStateException.class, () -> tell("story:", "- " + frame));
  }

  @Test
  void refusesRulesWithoutEnd() {
    assertThrows(IllegalStateException.class, () -> tell("story:", "- a <story>"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a old owl.  it saw a (user|one-eyed owl) .|An old owl. It saw a",
        "\"wow!\" said Ann. \"how nice.\" bob left.|\"Wow!\" said Ann. \"How nice.\" Bob left.",
        "one. // two? three!|One.\n\nTwo? Three!"
      })
  void finishesProse(String example) {
    int bar = example.lastIndexOf('|');
    assertTrue(
        Prose.finish(example.substring(0, bar)).startsWith(example.substring(bar + 1)),
        () -> Prose.finish(example.substring(0, bar)));
  }

  @Test
  void everyCallOfTheStoriesHasItsRuleAndEveryRuleIsCalled() {
    Grammar grammar = StoryGenerator.grammar();
    Set<String> called = new HashSet<>(Set.of("story", "request"));
    for (Grammar.Rule rule : grammar.rules().values()) {
      for (Grammar.Alternative alternative : rule.alternatives()) {
        for (Template.Call call : calls(alternative.template())) {
          called.add(call.rule());
          assertEquals(
              grammar.get(call.rule()).parameters().size(), call.roles().size(), call.rule());
        }
      }
    }
    assertEquals(grammar.rules().keySet(), called);
  }

  private static List<Template.Call> calls(Template template) {
    List<Template.Call> calls = new ArrayList<>();
    switch (template) {
      case Template.Call call -> calls.add(call);
      case Template.Sequence sequence -> sequence.parts().forEach(p -> calls.addAll(calls(p)));
      case Template.Choice choice -> choice.options().forEach(o -> calls.addAll(calls(o)));
      case Template.Text _, Template.Word _, Template.Cast _, Template.Assign _ -> {}
    }
    return calls;
  }
}
