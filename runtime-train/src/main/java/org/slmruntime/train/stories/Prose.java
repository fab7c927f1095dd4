package org.slmruntime.train.stories;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Makes expanded frames into written English: paragraphs (parted by {@code //}), spaces, {@code a}
 * or {@code an}, and capitals where sentences and speeches begin.
 */
final class Prose {
  private static final Pattern SPACES = Pattern.compile("\\s+");
  private static final Pattern SPACE_BEFORE_STOP = Pattern.compile(" (?=[.,!?])");

  /** "use" and its like begin with the sound of "you", "one" with that of "won". */
  private static final Pattern A_BEFORE_VOWEL =
      Pattern.compile("\\b([Aa]) (?=(?!use|uni|one)[aeiouAEIOU])");

  private Prose() {}

  static String finish(String raw) {
    return Arrays.stream(raw.split("//", -1))
        .map(Prose::paragraph)
        .filter(p -> !p.isEmpty())
        .collect(Collectors.joining("\n\n"));
  }

  private static String paragraph(String raw) {
    String spaced = SPACES.matcher(raw.strip()).replaceAll(" ");
    String stopped = SPACE_BEFORE_STOP.matcher(spaced).replaceAll("");
    return capitals(A_BEFORE_VOWEL.matcher(stopped).replaceAll("$1n "));
  }

  /**
   * A sentence begins after a full stop, an exclamation or a question, but not behind a speech that
   * ends with one of the last two: what follows says who spoke. A speech begins with a capital
   * unless it goes on after that: "Yes," said Ann, "but be careful."
   */
  private static String capitals(String text) {
    StringBuilder out = new StringBuilder(text.length());
    boolean begins = true;
    boolean inSpeech = false;
    boolean goesOn = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      char before = i == 0 ? ' ' : text.charAt(i - 1);
      if (c == '"') {
        begins = inSpeech ? before == '.' : !goesOn;
        goesOn = inSpeech && before == ',';
        inSpeech = !inSpeech;
      } else if (c == '.' || c == '!' || c == '?') {
        begins = true;
        goesOn = false;
      }
      out.append(begins ? Character.toUpperCase(c) : c);
      begins &= !Character.isLetterOrDigit(c);
    }
    return out.toString();
  }

  static String capital(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }
}
