package org.slmruntime.tokenizer.chat;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The little HTML that filters know. */
final class Html {
  private static final Pattern ENTITY =
      Pattern.compile("&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|\\w{1,8});");
  private static final Map<String, String> NAMED =
      Map.of("amp", "&", "lt", "<", "gt", ">", "quot", "\"", "apos", "'", "nbsp", "\u00a0");

  private Html() {}

  static String escape(RenderState state, String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '\'' -> out.append("&#39;");
        case '"' -> out.append("&#34;");
        default -> out.append(c);
      }
    }
    state.characters(out.length());
    return out.toString();
  }

  /** Text without comments and tags, runs of white space as one blank, entities resolved. */
  static String stripTags(String text) {
    String plain = without(without(text, "<!--", "-->"), "<", ">");
    List<Object> words = PythonStrings.splitSpace(plain, -1);
    StringBuilder joined = new StringBuilder();
    words.forEach(word -> joined.append(joined.isEmpty() ? "" : " ").append(word));
    return ENTITY
        .matcher(joined)
        .replaceAll(m -> Matcher.quoteReplacement(entity(m.group(1), m.group())));
  }

  private static String without(String text, String open, String close) {
    StringBuilder out = new StringBuilder();
    int position = 0;
    while (true) {
      int start = text.indexOf(open, position);
      int end = start < 0 ? -1 : text.indexOf(close, start + open.length());
      if (end < 0) {
        return out.append(text, position, text.length()).toString();
      }
      out.append(text, position, start);
      position = end + close.length();
    }
  }

  private static String entity(String name, String whole) {
    if (name.charAt(0) != '#') {
      return NAMED.getOrDefault(name, whole);
    }
    boolean hexadecimal = name.charAt(1) == 'x' || name.charAt(1) == 'X';
    int point = Integer.parseInt(name.substring(hexadecimal ? 2 : 1), hexadecimal ? 16 : 10);
    return Character.isValidCodePoint(point) && point != 0 ? Character.toString(point) : "\ufffd";
  }
}
