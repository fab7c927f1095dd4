package org.slmruntime.tokenizer.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;

/** What Python's str methods do, in time linear in their input. */
final class PythonStrings {
  private PythonStrings() {}

  static boolean isSpace(int c) {
    return c >= 0x09 && c <= 0x0d
        || c >= 0x1c && c <= 0x20
        || c == 0x85
        || c == 0xa0
        || c == 0x1680
        || c >= 0x2000 && c <= 0x200a
        || c == 0x2028
        || c == 0x2029
        || c == 0x202f
        || c == 0x205f
        || c == 0x3000;
  }

  /**
   * Drops characters at the ends.
   *
   * @param chars those to drop, or null for white space
   */
  static String strip(String text, String chars, boolean left, boolean right) {
    IntPredicate drop = chars == null ? PythonStrings::isSpace : set(chars);
    int start = 0;
    int end = text.length();
    while (left && start < end && drop.test(text.codePointAt(start))) {
      start += Character.charCount(text.codePointAt(start));
    }
    while (right && end > start && drop.test(text.codePointBefore(end))) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(start, end);
  }

  private static IntPredicate set(String chars) {
    if (chars.length() == 1) {
      char only = chars.charAt(0);
      return c -> c == only;
    }
    Set<Integer> members = new HashSet<>();
    chars.codePoints().forEach(members::add);
    return members::contains;
  }

  /** Number of code points. */
  static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** Each code point as a text. */
  static List<Object> characters(String text) {
    List<Object> out = new ArrayList<>(text.length());
    text.codePoints().forEach(c -> out.add(Character.toString(c)));
    return out;
  }

  /** Index of the first occurrence at or after {@code from}, or -1. */
  static int indexOf(String text, String part, int from) {
    // The library's search is quadratic for long parts.
    if (part.length() < 16) {
      return text.indexOf(part, from);
    }
    int[] border = borders(part);
    int matched = 0;
    for (int i = from; i < text.length(); i++) {
      while (matched > 0 && text.charAt(i) != part.charAt(matched)) {
        matched = border[matched - 1];
      }
      if (text.charAt(i) == part.charAt(matched) && ++matched == part.length()) {
        return i - matched + 1;
      }
    }
    return -1;
  }

  /** For each prefix the length of its longest proper prefix that also ends it. */
  private static int[] borders(String part) {
    int[] border = new int[part.length()];
    int k = 0;
    for (int i = 1; i < part.length(); i++) {
      while (k > 0 && part.charAt(i) != part.charAt(k)) {
        k = border[k - 1];
      }
      if (part.charAt(i) == part.charAt(k)) {
        k++;
      }
      border[i] = k;
    }
    return border;
  }

  /** Index of the last occurrence, or -1. */
  static int lastIndexOf(String text, String part) {
    int reversed = indexOf(reverseChars(text), reverseChars(part), 0);
    return reversed < 0 ? -1 : text.length() - reversed - part.length();
  }

  private static String reverseChars(String text) {
    char[] chars = new char[text.length()];
    for (int i = 0; i < chars.length; i++) {
      chars[i] = text.charAt(chars.length - 1 - i);
    }
    return new String(chars);
  }

  static long count(String text, String part) {
    if (part.isEmpty()) {
      return length(text) + 1L;
    }
    return occurrences(text, part, Integer.MAX_VALUE).length;
  }

  /** Where a part, not empty, occurs without overlap; at most {@code max} places. */
  static int[] occurrences(String text, String part, int max) {
    int[] found = new int[16];
    int count = 0;
    int[] border = borders(part);
    int matched = 0;
    for (int i = 0; i < text.length() && count < max; i++) {
      while (matched > 0 && text.charAt(i) != part.charAt(matched)) {
        matched = border[matched - 1];
      }
      if (text.charAt(i) == part.charAt(matched) && ++matched == part.length()) {
        found = count < found.length ? found : Arrays.copyOf(found, 2 * count);
        found[count++] = i - matched + 1;
        matched = 0;
      }
    }
    return Arrays.copyOf(found, count);
  }

  /**
   * Replaces occurrences; an empty {@code old} stands before each code point and at the end.
   *
   * @param max number of replacements, or -1 for all
   */
  static String replace(RenderState state, String text, String old, String with, long max) {
    int most = max < 0 ? Integer.MAX_VALUE : (int) Math.min(max, Integer.MAX_VALUE);
    int[] places = old.isEmpty() ? boundaries(text, most) : occurrences(text, old, most);
    state.characters(
        text.length() + (long) places.length * Math.max(0, with.length() - old.length()));
    StringBuilder out = new StringBuilder();
    int position = 0;
    for (int place : places) {
      out.append(text, position, place).append(with);
      position = place + old.length();
    }
    return out.append(text, position, text.length()).toString();
  }

  private static int[] boundaries(String text, int max) {
    int[] places = new int[text.length() + 1];
    int count = 0;
    for (int i = 0; i <= text.length() && count < max; ) {
      places[count++] = i;
      i += i < text.length() ? Character.charCount(text.codePointAt(i)) : 1;
    }
    return Arrays.copyOf(places, count);
  }

  /**
   * Splits at a separator from the left.
   *
   * @param max number of splits, or -1 for all
   */
  static List<Object> split(String text, String separator, int max) {
    List<Object> parts = new ArrayList<>();
    int position = 0;
    for (int place : occurrences(text, separator, max < 0 ? Integer.MAX_VALUE : max)) {
      parts.add(text.substring(position, place));
      position = place + separator.length();
    }
    parts.add(text.substring(position));
    return parts;
  }

  /** The same from the right. */
  static List<Object> rsplit(String text, String separator, int max) {
    List<Object> parts = new ArrayList<>();
    for (Object part : split(reverseChars(text), reverseChars(separator), max)) {
      parts.add(reverseChars((String) part));
    }
    return new ArrayList<>(parts.reversed());
  }

  /** Splits at runs of white space. */
  static List<Object> splitSpace(String text, int max) {
    List<Object> parts = new ArrayList<>();
    int i = skip(text, 0, true);
    while (i < text.length()) {
      if (max >= 0 && parts.size() == max) {
        parts.add(text.substring(i));
        return parts;
      }
      int end = skip(text, i, false);
      parts.add(text.substring(i, end));
      i = skip(text, end, true);
    }
    return parts;
  }

  /** The end of what is all white space, or all not. All white space is one char per code point. */
  private static int skip(String text, int from, boolean space) {
    int i = from;
    while (i < text.length() && isSpace(text.charAt(i)) == space) {
      i++;
    }
    return i;
  }

  static List<Object> rsplitSpace(String text, int max) {
    List<Object> parts = new ArrayList<>();
    for (Object part : splitSpace(reverseChars(text), max)) {
      parts.add(reverseChars((String) part));
    }
    return new ArrayList<>(parts.reversed());
  }

  static List<Object> splitLines(String text, boolean keepEnds) {
    List<Object> lines = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isLineEnd(c)) {
        int end = i;
        if (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
          i++;
        }
        lines.add(text.substring(start, keepEnds ? i + 1 : end));
        start = i + 1;
      }
    }
    if (start < text.length()) {
      lines.add(text.substring(start));
    }
    return lines;
  }

  private static boolean isLineEnd(char c) {
    return c >= 0x0a && c <= 0x0d
        || c >= 0x1c && c <= 0x1e
        || c == 0x85
        || c == 0x2028
        || c == 0x2029;
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    return titleCase(text.substring(0, first)) + lower(text.substring(first));
  }

  /** A letter as it begins a word; one that becomes two keeps only the first large. */
  private static String titleCase(String letter) {
    String upper = upper(letter);
    return length(upper) == 1
        ? Character.toString(Character.toTitleCase(letter.codePointAt(0)))
        : upper.charAt(0) + lower(upper.substring(1));
  }

  static String title(String text) {
    StringBuilder out = new StringBuilder();
    boolean inWord = false;
    for (Object character : characters(text)) {
      String letter = (String) character;
      boolean cased = isCased(letter.codePointAt(0));
      out.append(!cased ? letter : inWord ? lower(letter) : titleCase(letter));
      inWord = cased;
    }
    return out.toString();
  }

  private static boolean isCased(int c) {
    return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
  }

  static String swapCase(String text) {
    StringBuilder out = new StringBuilder();
    for (Object character : characters(text)) {
      String letter = (String) character;
      int c = letter.codePointAt(0);
      out.append(
          Character.isUpperCase(c)
              ? lower(letter)
              : Character.isLowerCase(c) ? upper(letter) : letter);
    }
    return out.toString();
  }

  /** Whether there are cased letters and all are of the one case. */
  static boolean isAllCase(String text, boolean upper) {
    return text.codePoints().anyMatch(PythonStrings::isCased)
        && text.codePoints()
            .allMatch(
                c -> !isCased(c) || (upper ? Character.isUpperCase(c) : Character.isLowerCase(c)));
  }

  static boolean isTitle(String text) {
    boolean inWord = false;
    boolean any = false;
    for (int c : text.codePoints().toArray()) {
      boolean capital = Character.isUpperCase(c) || Character.isTitleCase(c);
      boolean small = Character.isLowerCase(c);
      if (capital && inWord || small && !inWord) {
        return false;
      }
      inWord = capital || small;
      any |= inWord;
    }
    return any;
  }

  /** Whether the text has characters and each passes. */
  static boolean all(String text, IntPredicate test) {
    return !text.isEmpty() && text.codePoints().allMatch(test);
  }

  static boolean isIdentifier(String text) {
    return !text.isEmpty()
        && (text.charAt(0) == '_' || Character.isLetter(text.codePointAt(0)))
        && text.codePoints().allMatch(c -> c == '_' || Character.isLetterOrDigit(c));
  }

  /** Whether repr shows a character as it is. */
  static boolean isPrintable(int c) {
    return c == ' '
        || switch (Character.getType(c)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.SURROGATE,
              Character.PRIVATE_USE,
              Character.UNASSIGNED,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR,
              Character.SPACE_SEPARATOR ->
              false;
          default -> true;
        };
  }

  /** Fills up to a width of code points; {@code left} and {@code right} say on which sides. */
  static String pad(
      RenderState state, String text, long width, String fill, boolean left, boolean right) {
    long missing = width - length(text);
    if (missing <= 0) {
      return text;
    }
    state.checkSize(missing);
    state.characters((text.length() + missing) * fill.length());
    int total = (int) missing;
    // Python puts the odd one on the left only if the width is odd too.
    int before = !left ? 0 : !right ? total : total / 2 + (total & (int) width & 1);
    return fill.repeat(before) + text + fill.repeat(total - before);
  }

  static String zeroFill(RenderState state, String text, long width) {
    boolean signed = text.startsWith("-") || text.startsWith("+");
    String sign = signed ? text.substring(0, 1) : "";
    String digits = text.substring(sign.length());
    return sign + pad(state, digits, width - sign.length(), "0", true, false);
  }

  static String expandTabs(RenderState state, String text, int size) {
    StringBuilder out = new StringBuilder();
    int column = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\t') {
        int blanks = size <= 0 ? 0 : size - column % size;
        state.characters(out.length() + (long) blanks);
        out.repeat(' ', blanks);
        column += blanks;
      } else {
        out.append(c);
        column = c == '\n' || c == '\r' ? 0 : column + (Character.isLowSurrogate(c) ? 0 : 1);
      }
    }
    return out.toString();
  }

  /** Python's order, by code points; UTF-16 would put U+FFFD after U+10000. */
  static int compare(String a, String b) {
    int end = Math.min(a.length(), b.length());
    for (int i = 0; i < end; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        return Character.isSurrogate(x) == Character.isSurrogate(y)
            ? Character.compare(x, y)
            : Character.isSurrogate(x) ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }
}
