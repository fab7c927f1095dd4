package org.slmruntime.tokenizer.regex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.SlmException;
import org.slmruntime.tokenizer.TokenizerException;

/** Patterns and texts meant to cost much. */
class HostileRegexTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a*)*b",
        "(a|a)*b",
        "(a|aa)+$",
        "(.*)(.*)(.*)x",
        "(a?){500}a{500}",
        "(?=(a|a)*b)a+",
        "(?<=(a*)*b)a",
        "\\B(?!(a|aa)*$)a++"
      })
  void takesOnePassOverALongText(String pattern) {
    String text = "a".repeat(1 << 20);
    Regex regex = Regex.compile(pattern);
    assertTimeoutPreemptively(LIMIT, () -> regex.matchEnd(text, 0, text.length()));
  }

  @Test
  void refusesRepetitionsOfNothingThatWouldNeverEnd() {
    String pattern = "()" + "{1000}".repeat(8);
    assertTimeoutPreemptively(
        LIMIT, () -> assertThrows(TokenizerException.class, () -> Regex.compile(pattern)));
  }

  @Test
  void looksFromEveryPlaceOfALongTextInOnePass() {
    String text = "a".repeat(1 << 18);
    Regex.Scan scan = Regex.compile("(?=(?:aa)*b)a|(?<!a{99})b").scan(text);
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          for (int i = 0; i < text.length(); i++) {
            assertEquals(-1, scan.matchEnd(i));
          }
        });
    assertThrows(TokenizerException.class, () -> Regex.compile("(?=a{257})a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "?", "{0}", "{1}", "{0,1}"})
  void standsLongChainsOfRepetitions(String repetition) {
    String pattern = "a" + repetition.repeat(9990 / repetition.length());
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          try {
            assertEquals(0, Regex.compile(pattern).matchEnd("", 0, 0));
          } catch (TokenizerException e) {
            assertEquals(1, e.getMessage().lines().count());
          }
        });
  }

  @Test
  void standsClassesOfThousandsOfMembers() {
    StringBuilder members = new StringBuilder();
    for (int i = 0; i < 9000; i++) {
      members.appendCodePoint(0x4e00 + i);
    }
    Regex regex = Regex.compile("[" + members + "]+");
    assertEquals(9000, regex.matchEnd(members + "a", 0, 9001));
  }

  @Test
  void standsThousandsOfAlternatives() {
    Regex regex = Regex.compile("a|".repeat(3000) + "b");
    assertEquals(1, regex.matchEnd("b", 0, 1));
  }

  @Test
  void standsNestedGroupsUpToItsLimit() {
    assertEquals(1, Regex.compile("(".repeat(40) + "a" + ")".repeat(40)).matchEnd("a", 0, 1));
    String deep = "(".repeat(4000) + "a" + ")".repeat(4000);
    assertThrows(TokenizerException.class, () -> Regex.compile(deep));
    String classes = "[".repeat(4000) + "a" + "]".repeat(4000);
    assertThrows(TokenizerException.class, () -> Regex.compile(classes));
    assertThrows(TokenizerException.class, () -> Regex.compile("a".repeat(10_001)));
  }

  @Test
  void givesOnlyTypedErrorsForRandomSyntax() {
    String alphabet = "()[]{}|*+?\\^$.-:=!<>&,pPLNsSdx0129iu ab\u00e9\ud83d\ude00";
    int refused = 0;
    for (int seed = 0; seed < 20_000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      StringBuilder pattern = new StringBuilder();
      for (int i = random.nextInt(20); i >= 0; i--) {
        pattern.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        Regex.compile(pattern.toString()).matchEnd("ab\u00e9 01\ud83d\ude00", 0, 8);
      } catch (SlmException _) {
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ": /" + pattern + "/", e);
      }
    }
    // Both sides must be reached, or this proves nothing.
    assertEquals(true, refused > 1000 && refused < 19_900, refused + " refused");
  }
}
