package org.slmruntime.tokenizer.regex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.tokenizer.TokenizerException;

class RegexTest {
  private static final String[] ATOMS = {
    "a",
    "b",
    "é",
    "\\p{L}",
    "\\p{N}",
    "[ab]",
    "[^a]",
    "[a-c1]",
    ".",
    "\\s",
    "\\S",
    "😀",
    "[^\\s\\p{L}]"
  };
  private static final String LETTERS = "abc1é \n";

  @Test
  void matchesLikeJavasEngineOnRandomPatternsAndTexts() {
    for (int seed = 0; seed < 5000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      String pattern = pattern(random, 3);
      Regex regex = Regex.compile(pattern);
      // UNIX_LINES: the dot takes all but \n, as here.
      Pattern java = Pattern.compile(pattern, Pattern.UNIX_LINES | Pattern.UNICODE_CHARACTER_CLASS);
      for (int i = 0; i < 5; i++) {
        String text = text(random);
        int from = from(random, text);
        Matcher matcher = java.matcher(text).region(from, text.length());
        int wanted = matcher.lookingAt() ? matcher.end() : -1;
        int actual = regex.matchEnd(text, from, text.length());
        assertEquals(
            wanted, actual, "seed " + seed + ", /" + pattern + "/ on \"" + text + "\" at " + from);
      }
    }
  }

  private static String pattern(SplittableRandom random, int depth) {
    StringBuilder out = new StringBuilder();
    int parts = 1 + random.nextInt(3);
    for (int i = 0; i < parts; i++) {
      boolean group = depth > 0 && random.nextInt(3) == 0;
      String atom = ATOMS[random.nextInt(ATOMS.length)];
      out.append(group ? "(?:" + pattern(random, depth - 1) + ")" : atom);
      // Java gives up on a group that matched nothing, we need not: repeat only single atoms
      // without limit.
      out.append(
          switch (random.nextInt(group ? 3 : 9)) {
            case 0 -> "?";
            case 1 -> "{1,2}";
            case 2, 8 -> "";
            case 3 -> "*";
            case 4 -> "+";
            case 5 -> "*?";
            case 6 -> "{2,}";
            default -> "(?!a)";
          });
    }
    return random.nextInt(3) == 0 ? out + "|" + pattern(random, 0) : out.toString();
  }

  private static String text(SplittableRandom random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(12);
    for (int i = 0; i < length; i++) {
      int at = random.nextInt(LETTERS.length() + 1);
      text.append(at == LETTERS.length() ? "😀" : LETTERS.substring(at, at + 1));
    }
    return text.toString();
  }

  /** A place between two code points. */
  private static int from(SplittableRandom random, String text) {
    int points = text.codePointCount(0, text.length());
    return text.offsetByCodePoints(0, random.nextInt(points + 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a{2}|aaa|2",
        "a*?b|aab|3",
        "(?:a~ab)c|abc|3",
        "a~ab|ab|1",
        "(?i:k)|K|1",
        "(?i:k)|\u212a|1",
        "(?i:'S)|'s|2",
        "a(?=b)|ab|1",
        "a(?=b)|a|-1",
        "a(?!b)|a|1",
        "a(?!b)|ab|-1",
        "a$|a|1",
        "a$|ab|-1",
        "[^]a]|b|1",
        "[]a]|]|1",
        "[a\\-z]|-|1",
        "[a\\-z]|b|-1",
        "\\x41\\u0042\\x{43}|ABC|3",
        "\\p{Han}+|中文a|2",
        "\\P{L}|1|1",
        "\\p{^L}|1|1",
        "\\w+|aé_1-|4",
        "\\d+|12x|2",
      })
  void matchesAsItsSyntaxSays(String pattern, String text, int end) {
    Regex regex = Regex.compile(pattern.replace('~', '|'));
    assertEquals(end, regex.matchEnd(text, 0, text.length()));
  }

  @Test
  void seesNothingBeyondTheGivenEnd() {
    assertEquals(2, Regex.compile("a+").matchEnd("aaaa", 0, 2));
    assertEquals(2, Regex.compile("a+$").matchEnd("aab", 0, 2));
    assertEquals(2, Regex.compile("a+(?!b)").matchEnd("aab", 0, 2));
  }

  @Test
  void giveTheSameToManyThreads() throws InterruptedException {
    Regex regex = Regex.compile(" ?\\p{L}+| ?\\p{N}+|\\s+(?!\\S)|\\s+");
    String text = "Zwölf 12 中文 \t end ".repeat(50);
    int[] wrong = new int[1];
    Thread[] threads = new Thread[8];
    int[] alone = ends(Regex.compile(" ?\\p{L}+| ?\\p{N}+|\\s+(?!\\S)|\\s+"), text);
    for (int t = 0; t < threads.length; t++) {
      threads[t] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    if (!java.util.Arrays.equals(alone, ends(regex, text))) {
                      synchronized (wrong) {
                        wrong[0]++;
                      }
                    }
                  });
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(0, wrong[0]);
  }

  private static int[] ends(Regex regex, String text) {
    int[] ends = new int[text.length()];
    for (int i = 0; i < ends.length; i++) {
      ends[i] = regex.matchEnd(text, i, text.length());
    }
    return ends;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(?<=a",
        "(?>a|ab)",
        "(ab)*+",
        "\\1",
        "\\G",
        "\\X",
        "(a",
        "a)",
        "[a",
        "\\",
        "*",
        "+a",
        "?",
        "a{3,1}",
        "a{2000}",
        "[z-a]",
        "\\p{Nope}",
        "\\p{L",
        "\\x{110000}",
        "\\xg0",
        "(?x:a)",
        "(?",
        "a|*",
        "[[:alpha:]",
        "[[:nope:]]",
        "^^^^^^^^^a",
        "\\u12"
      })
  void refusesWhatItDoesNotKnow(String pattern) {
    String message =
        assertThrows(TokenizerException.class, () -> Regex.compile(pattern)).getMessage();
    assertTrue(message.endsWith(pattern), message);
    assertEquals(1, message.lines().count(), message);
  }
}
