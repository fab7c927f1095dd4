package org.slmruntime.tokenizer;

import java.text.Normalizer.Form;
import java.util.List;
import org.slmruntime.tokenizer.regex.CharSets;
import org.slmruntime.tokenizer.regex.Regex;

/** Changes text before it is split. Thread-safe. */
@FunctionalInterface
interface Normalizer {
  Normalizer NONE = text -> text;

  String normalize(String text);

  static Normalizer sequence(List<Normalizer> parts) {
    return text -> {
      String result = text;
      for (Normalizer part : parts) {
        result = part.normalize(result);
        checkGrowth(text.length(), result.length());
      }
      return result;
    };
  }

  /** No real text grows more than 18-fold (NFKD); replacements made to exhaust memory do. */
  private static void checkGrowth(int before, long after) {
    long limit = Math.max(2L * before, Math.min(32L * before + 4096, 1 << 26));
    if (after > limit) {
      throw new TokenizerException(
          "normalizing a text of " + before + " characters makes more than " + limit);
    }
  }

  static Normalizer unicode(Form form) {
    return text ->
        java.text.Normalizer.isNormalized(text, form)
            ? text
            : java.text.Normalizer.normalize(text, form);
  }

  static Normalizer replace(String literal, String content) {
    return text -> {
      int at = literal.isEmpty() ? -1 : text.indexOf(literal);
      if (at < 0) {
        return text;
      }
      StringBuilder out = new StringBuilder(text.length());
      int from = 0;
      for (; at >= 0; at = text.indexOf(literal, from)) {
        out.append(text, from, at).append(content);
        checkGrowth(text.length(), out.length());
        from = at + literal.length();
      }
      return out.append(text, from, text.length()).toString();
    };
  }

  static Normalizer replace(Regex pattern, String content) {
    return text -> {
      StringBuilder out = new StringBuilder();
      Regex.Scan scan = pattern.scan(text);
      for (int i = 0; i < text.length(); ) {
        int end = scan.matchEnd(i);
        if (end > i) {
          out.append(content);
          checkGrowth(text.length(), out.length());
          i = end;
        } else {
          out.append(text.charAt(i++));
        }
      }
      return out.toString();
    };
  }

  static Normalizer prepend(String prefix) {
    return text -> text.isEmpty() ? text : prefix + text;
  }

  static Normalizer strip(boolean left, boolean right) {
    return text -> {
      int start = 0;
      int end = text.length();
      while (left && start < end && CharSets.isSpace(text.charAt(start))) {
        start++;
      }
      while (right && end > start && CharSets.isSpace(text.charAt(end - 1))) {
        end--;
      }
      return text.substring(start, end);
    };
  }

  /** Drops marks; for texts that were decomposed before. */
  static Normalizer stripAccents() {
    return text ->
        filtered(
            text,
            c -> {
              int type = Character.getType(c);
              return type != Character.NON_SPACING_MARK
                  && type != Character.COMBINING_SPACING_MARK
                  && type != Character.ENCLOSING_MARK;
            });
  }

  /** SentencePiece's "nmt": control characters are dropped, unusual spaces become spaces. */
  static Normalizer nmt() {
    return text -> {
      StringBuilder out = new StringBuilder();
      text.codePoints()
          .filter(
              c ->
                  !(c >= 1 && c <= 8
                      || c == 0x0b
                      || c >= 0x0e && c <= 0x1f
                      || c == 0x7f
                      || c == 0x8f
                      || c == 0x9f))
          .map(
              c ->
                  c == 9
                          || c == 10
                          || c == 12
                          || c == 13
                          || c == 0x1680
                          || c >= 0x200b && c <= 0x200f
                          || c == 0x2028
                          || c == 0x2029
                          || c == 0x2581
                          || c == 0xfeff
                          || c == 0xfffd
                      ? ' '
                      : c)
          .forEach(out::appendCodePoint);
      return out.toString();
    };
  }

  /** BERT's cleaning (Devlin et al., 2018). */
  static Normalizer bert(
      boolean cleanText, boolean chineseChars, boolean stripAccents, boolean lowercase) {
    return text -> {
      String result = cleanText ? cleaned(text) : text;
      result = chineseChars ? spaced(result) : result;
      if (stripAccents) {
        result = java.text.Normalizer.normalize(result, Form.NFD);
        result = filtered(result, c -> Character.getType(c) != Character.NON_SPACING_MARK);
      }
      return lowercase ? lowercase().normalize(result) : result;
    };
  }

  static Normalizer lowercase() {
    return text -> {
      StringBuilder out = new StringBuilder(text.length());
      text.codePoints()
          .forEach(
              c -> {
                if (c == 0x130) {
                  out.append("i\u0307");
                } else {
                  out.appendCodePoint(Character.toLowerCase(c));
                }
              });
      return out.toString();
    };
  }

  private static String cleaned(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .filter(c -> c != 0 && c != 0xfffd && !isControl(c))
        .map(c -> CharSets.isSpace(c) ? ' ' : c)
        .forEach(out::appendCodePoint);
    return out.toString();
  }

  private static boolean isControl(int c) {
    if (c == '\t' || c == '\n' || c == '\r') {
      return false;
    }
    int type = Character.getType(c);
    return type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.PRIVATE_USE
        || type == Character.SURROGATE;
  }

  private static String spaced(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (isChinese(c)) {
                out.append(' ').appendCodePoint(c).append(' ');
              } else {
                out.appendCodePoint(c);
              }
            });
    return out.toString();
  }

  private static boolean isChinese(int c) {
    return c >= 0x4e00 && c <= 0x9fff
        || c >= 0x3400 && c <= 0x4dbf
        || c >= 0x20000 && c <= 0x2a6df
        || c >= 0x2a700 && c <= 0x2b73f
        || c >= 0x2b740 && c <= 0x2b81f
        || c >= 0x2b920 && c <= 0x2ceaf
        || c >= 0xf900 && c <= 0xfaff
        || c >= 0x2f800 && c <= 0x2fa1f;
  }

  private static String filtered(String text, java.util.function.IntPredicate keep) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().filter(keep).forEach(out::appendCodePoint);
    return out.toString();
  }
}
