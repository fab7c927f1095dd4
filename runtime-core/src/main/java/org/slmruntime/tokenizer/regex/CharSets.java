package org.slmruntime.tokenizer.regex;

import java.util.Locale;
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

  /**
   * What {@code \p{...}} names: a category, a script or a property, or null.
   *
   * @param inClass whether it stands in brackets, where words are without {@link #isRegexWord}'s
   *     extras
   */
  static IntPredicate property(String name, boolean inClass) {
    IntPredicate set = category(name);
    String plain = name.replaceAll("[ _-]", "").toLowerCase(Locale.ROOT);
    if (plain.equals("word")) {
      return inClass ? CharSets::isWord : CharSets::isRegexWord;
    }
    set = set == null ? LONG_NAMES.get(plain) : set;
    set = set == null && !plain.equals("punct") ? posix(plain) : set;
    return set == null ? script(name) : set;
  }

  private static final Map<String, IntPredicate> LONG_NAMES =
      Map.ofEntries(
          Map.entry("letter", category("L")),
          Map.entry("mark", category("M")),
          Map.entry("number", category("N")),
          Map.entry("punctuation", category("P")),
          Map.entry("punct", category("P")),
          Map.entry("symbol", category("S")),
          Map.entry("separator", category("Z")),
          Map.entry("other", category("C")),
          Map.entry("uppercaseletter", category("Lu")),
          Map.entry("lowercaseletter", category("Ll")),
          Map.entry("titlecaseletter", category("Lt")),
          Map.entry("casedletter", category("Lu").or(category("Ll")).or(category("Lt"))),
          Map.entry("lc", category("Lu").or(category("Ll")).or(category("Lt"))),
          Map.entry("modifierletter", category("Lm")),
          Map.entry("otherletter", category("Lo")),
          Map.entry("nonspacingmark", category("Mn")),
          Map.entry("spacingmark", category("Mc")),
          Map.entry("enclosingmark", category("Me")),
          Map.entry("decimalnumber", category("Nd")),
          Map.entry("letternumber", category("Nl")),
          Map.entry("othernumber", category("No")),
          Map.entry("mathsymbol", category("Sm")),
          Map.entry("currencysymbol", category("Sc")),
          Map.entry("modifiersymbol", category("Sk")),
          Map.entry("othersymbol", category("So")),
          Map.entry("spaceseparator", category("Zs")),
          Map.entry("control", category("Cc")),
          Map.entry("format", category("Cf")),
          Map.entry("unassigned", category("Cn")),
          Map.entry("any", c -> true),
          Map.entry("alphabetic", Character::isAlphabetic),
          Map.entry("uppercase", Character::isUpperCase),
          Map.entry("lowercase", Character::isLowerCase),
          Map.entry("whitespace", CharSets::isSpace),
          Map.entry("ideographic", Character::isIdeographic),
          Map.entry("emoji", Character::isEmoji),
          Map.entry("emojipresentation", Character::isEmojiPresentation),
          Map.entry("emojimodifier", Character::isEmojiModifier),
          Map.entry("extendedpictographic", Character::isExtendedPictographic));

  /** What {@code [:...:]} names, or null. */
  static IntPredicate posix(String name) {
    return switch (name) {
      case "alpha" -> Character::isAlphabetic;
      case "digit" -> category("Nd");
      case "alnum" -> category("Nd").or(Character::isAlphabetic);
      case "upper" -> Character::isUpperCase;
      case "lower" -> Character::isLowerCase;
      case "space" -> CharSets::isSpace;
      case "blank" -> category("Zs").or(c -> c == '\t');
      case "cntrl" -> category("Cc");
      case "punct" -> category("P").or(category("S"));
      case "graph" -> CharSets::isVisible;
      case "print" -> category("Zs").or(CharSets::isVisible);
      case "xdigit" -> c -> c < 0x80 && Character.digit(c, 16) >= 0;
      case "word" -> CharSets::isWord;
      case "ascii" -> c -> c < 0x80;
      default -> null;
    };
  }

  /** A script such as {@code Han}, or null. */
  private static IntPredicate script(String name) {
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

  static boolean isLineBreak(int c) {
    return c >= 10 && c <= 13 || c == 0x85 || c == 0x2028 || c == 0x2029;
  }

  private static boolean isVisible(int c) {
    int type = Character.getType(c);
    return !isSpace(c)
        && type != Character.CONTROL
        && type != Character.UNASSIGNED
        && type != Character.SURROGATE;
  }

  /** Letters, marks, decimal digits and connectors. */
  public static boolean isWord(int c) {
    return Character.isAlphabetic(c) || WORD_OTHERS.test(c);
  }

  private static final IntPredicate WORD_OTHERS =
      category("M").or(category("Nd")).or(category("Pc"));

  /**
   * What {@code \w} means outside brackets: Oniguruma has Latin-1's superscripts, fractions too.
   */
  static boolean isRegexWord(int c) {
    return isWord(c) || c < 0x100 && Character.getType(c) == Character.OTHER_NUMBER;
  }

  public static boolean isPunctuation(int c) {
    return PUNCTUATION.test(c);
  }

  private static final IntPredicate PUNCTUATION = category("P");

  /** All cases of each member; Turkish i's are no case of i. */
  static IntPredicate ignoringCase(IntPredicate set) {
    return c -> {
      if (c == 0x130 || c == 0x131) {
        return set.test(c);
      }
      int upper = Character.toUpperCase(c);
      int lower = Character.toLowerCase(c);
      return set.test(c)
          || set.test(lower)
          || set.test(upper)
          || set.test(Character.toLowerCase(upper))
          || set.test(Character.toUpperCase(lower))
          || set.test(Character.toTitleCase(c));
    };
  }
}
