package org.slmruntime.tokenizer.chat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Filters on text. */
final class TextFilters {
  /** A filter without arguments on a value's text. */
  private interface Plain {
    Object apply(RenderState state, String text);
  }

  static final Map<String, Filters.Filter> ALL =
      Map.ofEntries(
          plain("capitalize", (_, text) -> PythonStrings.capitalize(text)),
          plain("lower", (_, text) -> PythonStrings.lower(text)),
          plain("upper", (_, text) -> PythonStrings.upper(text)),
          plain("string", (_, text) -> text),
          plain("safe", (_, text) -> text),
          plain("escape", Html::escape),
          plain("e", Html::escape),
          plain("forceescape", Html::escape),
          plain("striptags", (_, text) -> Html.stripTags(text)),
          plain("title", (_, text) -> title(text)),
          plain("wordcount", (_, text) -> wordCount(text)),
          Map.entry("trim", TextFilters::trim),
          Map.entry("replace", TextFilters::replace),
          Map.entry("center", TextFilters::center),
          Map.entry("indent", TextFilters::indent),
          Map.entry("truncate", TextFilters::truncate),
          Map.entry("wordwrap", WordWrap::filter),
          Map.entry("format", TextFilters::format),
          Map.entry("pprint", TextFilters::pprint),
          Map.entry("urlencode", TextFilters::urlEncode));

  private TextFilters() {}

  private static Map.Entry<String, Filters.Filter> plain(String name, Plain filter) {
    return Map.entry(
        name,
        (in, value, arguments) -> {
          arguments.bind(in.state(), name);
          return filter.apply(in.state(), text(in.state(), value));
        });
  }

  private static String text(RenderState state, Object value) {
    String text = Text.str(state, value);
    state.characters(text.length());
    return text;
  }

  private static Object trim(Interpreter in, Object value, CallArguments arguments) {
    String chars = arguments.bind(in.state(), "trim", "chars?").text(0, null);
    in.state().characters(chars == null ? 0 : chars.length());
    return PythonStrings.strip(text(in.state(), value), chars, true, true);
  }

  private static Object replace(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    CallArguments.Bound bound = arguments.bind(state, "replace", "old", "new", "count?");
    return PythonStrings.replace(
        state,
        text(state, value),
        text(state, bound.get(0)),
        text(state, bound.get(1)),
        bound.integer(2, -1));
  }

  private static Object center(Interpreter in, Object value, CallArguments arguments) {
    long width = arguments.bind(in.state(), "center", "width?").integer(0, 80);
    return PythonStrings.pad(in.state(), text(in.state(), value), width, " ", true, true);
  }

  private static Object indent(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    CallArguments.Bound bound = arguments.bind(state, "indent", "width?", "first?", "blank?");
    String by;
    if (bound.get(0, null) instanceof String given) {
      by = given;
    } else {
      long width = Math.max(0, bound.integer(0, 4));
      state.characters(width);
      by = " ".repeat((int) width);
    }
    if (!(value instanceof String input)) {
      Values.refuseUndefined(state, value);
      throw state.error("indent needs a str, not " + Values.typeName(value));
    }
    List<Object> lines = PythonStrings.splitLines(input + "\n", false);
    state.characters(input.length() + lines.size() * (1L + by.length()));
    StringBuilder out = new StringBuilder(bound.flag(1, false) ? by : "");
    boolean blank = bound.flag(2, false);
    for (int i = 0; i < lines.size(); i++) {
      String line = (String) lines.get(i);
      out.append(i == 0 ? "" : "\n").append(i > 0 && (blank || !line.isEmpty()) ? by : "");
      out.append(line);
    }
    return out.toString();
  }

  private static Object truncate(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    CallArguments.Bound bound =
        arguments.bind(state, "truncate", "length?", "killwords?", "end?", "leeway?");
    String end = bound.text(2, "...");
    long length = bound.integer(0, 255);
    long leeway = bound.integer(3, 5);
    int endLength = PythonStrings.length(end);
    if (length < endLength || leeway < 0) {
      throw state.error("truncate cannot cut to " + length + " with leeway " + leeway);
    }
    if (Values.length(state, value) <= Math.min(length, Integer.MAX_VALUE) + leeway) {
      return value;
    }
    if (!(value instanceof String text)) {
      throw state.error("truncate can only cut text");
    }
    String cut = text.substring(0, text.offsetByCodePoints(0, (int) length - endLength));
    int blank = cut.lastIndexOf(' ');
    return (bound.flag(1, false) || blank < 0 ? cut : cut.substring(0, blank)) + end;
  }

  private static Object format(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    if (!arguments.positional().isEmpty() && !arguments.named().isEmpty()) {
      throw state.error("can't handle positional and keyword arguments at the same time");
    }
    Object values =
        arguments.named().isEmpty()
            ? new Tuple(arguments.positional())
            : new LinkedHashMap<Object, Object>(arguments.named());
    return PercentFormat.format(state, text(state, value), values);
  }

  /** Python's pprint without its line breaks: repr with the keys of dicts in order. */
  private static Object pprint(Interpreter in, Object value, CallArguments arguments) {
    arguments.bind(in.state(), "pprint");
    return Text.repr(in.state(), ordered(in.state(), value));
  }

  private static Object ordered(RenderState state, Object value) {
    state.enter();
    Object result = value;
    if (value instanceof Map<?, ?> map
        && map.keySet().stream().allMatch(String.class::isInstance)) {
      Map<Object, Object> sorted =
          new TreeMap<>((a, b) -> PythonStrings.compare((String) a, (String) b));
      map.forEach((key, item) -> sorted.put(key, ordered(state, item)));
      result = sorted;
    } else if (value instanceof List<?> list
        && !(value instanceof Tuple || value instanceof Range)) {
      List<Object> items = new ArrayList<>();
      list.forEach(item -> items.add(ordered(state, item)));
      result = items;
    }
    state.leave();
    return result;
  }

  /** Jinja's own: words begin after white space, hyphens and opening brackets only. */
  private static String title(String text) {
    StringBuilder out = new StringBuilder();
    boolean start = true;
    for (Object character : PythonStrings.characters(text)) {
      String letter = (String) character;
      int c = letter.codePointAt(0);
      boolean separator = PythonStrings.isSpace(c) || "-({[<".indexOf(c) >= 0;
      out.append(start && !separator ? PythonStrings.upper(letter) : PythonStrings.lower(letter));
      start = separator;
    }
    return out.toString();
  }

  private static long wordCount(String text) {
    long words = 0;
    boolean inWord = false;
    for (int c : text.codePoints().toArray()) {
      boolean word = c == '_' || Character.isLetterOrDigit(c);
      words += word && !inWord ? 1 : 0;
      inWord = word;
    }
    return words;
  }

  private static Object urlEncode(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    arguments.bind(state, "urlencode");
    if (value instanceof String || !Values.isIterable(value)) {
      return quote(text(state, value), true);
    }
    List<Object> pairs =
        value instanceof Map<?, ?> map ? Methods.items(map) : Values.iterate(state, value);
    List<String> parts = new ArrayList<>();
    for (Object pair : pairs) {
      List<Object> both = Values.iterate(state, pair);
      if (both.size() != 2) {
        throw state.error("urlencode needs pairs of key and value");
      }
      parts.add(
          quote(text(state, both.get(0)), false) + "=" + quote(text(state, both.get(1)), false));
    }
    return StringMethods.join(state, "&", parts);
  }

  /**
   * @param path whether a slash stays and a blank becomes %20, not a plus sign
   */
  private static String quote(String text, boolean path) {
    StringBuilder out = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain =
          c < 128 && Character.isLetterOrDigit(c) || "-_.~".indexOf(c) >= 0 || path && c == '/';
      if (plain) {
        out.append(c);
      } else if (c == ' ' && !path) {
        out.append('+');
      } else {
        out.append('%').append("0123456789ABCDEF".charAt(c >> 4));
        out.append("0123456789ABCDEF".charAt(c & 15));
      }
    }
    return out.toString();
  }
}
