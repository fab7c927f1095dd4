package org.slmruntime.tokenizer.regex;

import java.util.Map;
import java.util.function.IntPredicate;

/** Sets of code points by name: Unicode general categories and the escapes for classes. */
public final class CharSets {
  private static final Map<String, Integer> CATEGORIES =
      Map.ofEntries(
          Map.entry("Lu", 1 << Character.UPPERCASE_LETTER),
          Map.entry("Ll", 1 << Character.LOWERCASE_LETTER),
          Map.entry("Lt", 1 << Character.TITLECASE_LETTER),
          Map.entry("Lm", 1 << Character.MODIFIER_LETTER),
          Map.entry("Lo", 1 << Character.OTHER_LETTER),
          Map.entry("Mn", 1 << Character.NON_SPACING_MARK),
          Map.entry("Mc", 1 << Character.COMBINING_SPACING_MARK),
          Map.entry("Me", 1 << Character.ENCLOSING_MARK),
          Map.entry("Nd", 1 << Character.DECIMAL_DIGIT_NUMBER),
          Map.entry("Nl", 1 << Character.LETTER_NUMBER),
          Map.entry("No", 1 << Character.OTHER_NUMBER),
          Map.entry("Pc", 1 << Character.CONNECTOR_PUNCTUATION),
          Map.entry("Pd", 1 << Character.DASH_PUNCTUATION),
          Map.entry("Ps", 1 << Character.START_PUNCTUATION),
          Map.entry("Pe", 1 << Character.END_PUNCTUATION),
          Map.entry("Pi", 1 << Character.INITIAL_QUOTE_PUNCTUATION),
          Map.entry("Pf", 1 << Character.FINAL_QUOTE_PUNCTUATION),
          Map.entry("Po", 1 << Character.OTHER_PUNCTUATION),
          Map.entry("Sm", 1 << Character.MATH_SYMBOL),
          Map.entry("Sc", 1 << Character.CURRENCY_SYMBOL),
          Map.entry("Sk", 1 << Character.MODIFIER_SYMBOL),
          Map.entry("So", 1 << Character.OTHER_SYMBOL),
          Map.entry("Zs", 1 << Character.SPACE_SEPARATOR),
          Map.entry("Zl", 1 << Character.LINE_SEPARATOR),
          Map.entry("Zp", 1 << Character.PARAGRAPH_SEPARATOR),
          Map.entry("Cc", 1 << Character.CONTROL),
          Map.entry("Cf", 1 << Character.FORMAT),
          Map.entry("Co", 1 << Character.PRIVATE_USE),
          Map.entry("Cs", 1 << Character.SURROGATE),
          Map.entry("Cn", 1 << Character.UNASSIGNED));

  private CharSets() {}

  /** The code points of a general category ({@code Lu}) or group of them ({@code L}), or null. */
  static IntPredicate category(String name) {
    int mask = 0;
    for (Map.Entry<String, Integer> entry : CATEGORIES.entrySet()) {
      if (entry.getKey().equals(name) || name.length() == 1 && entry.getKey().startsWith(name)) {
        mask |= entry.getValue();
      }
    }
    int categories = mask;
    return mask == 0 ? null : c -> (categories >>> Character.getType(c) & 1) != 0;
  }

  /** A script such as {@code Han}, or null. */
  static IntPredicate script(String name) {
    try {
      Character.UnicodeScript script = Character.UnicodeScript.forName(name);
      return c -> Character.UnicodeScript.of(c) == script;
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  /** Unicode's White_Space property. */
  public static boolean isSpace(int c) {
    return c >= 9 && c <= 13
        || c == 0x20
        || c == 0x85
        || c == 0xa0
        || c > 0xff && Character.isSpaceChar(c);
  }

  /** Letters, marks, numbers and connectors. */
  public static boolean isWord(int c) {
    return c == '_' || Character.isLetter(c) || WORD_MARKS.test(c);
  }

  private static final IntPredicate WORD_MARKS = category("M").or(category("N")).or(category("Pc"));

  public static boolean isPunctuation(int c) {
    return PUNCTUATION.test(c);
  }

  private static final IntPredicate PUNCTUATION = category("P");

  /** Both cases of each member. */
  static IntPredicate ignoringCase(IntPredicate set) {
    return c ->
        set.test(c)
            || set.test(Character.toLowerCase(c))
            || set.test(Character.toUpperCase(c))
            || c == 0x17f && (set.test('s') || set.test('S'))
            || c == 0x212a && (set.test('k') || set.test('K'));
  }
}
