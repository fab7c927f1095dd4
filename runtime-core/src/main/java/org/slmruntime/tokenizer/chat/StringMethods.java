package org.slmruntime.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The methods of Python's str. */
final class StringMethods {
  static final Set<String> NAMES =
      Set.of(
          "capitalize",
          "casefold",
          "center",
          "count",
          "endswith",
          "expandtabs",
          "find",
          "format",
          "index",
          "isalnum",
          "isalpha",
          "isascii",
          "isdecimal",
          "isdigit",
          "isidentifier",
          "islower",
          "isnumeric",
          "isprintable",
          "isspace",
          "istitle",
          "isupper",
          "join",
          "ljust",
          "lower",
          "lstrip",
          "partition",
          "removeprefix",
          "removesuffix",
          "replace",
          "rfind",
          "rindex",
          "rjust",
          "rpartition",
          "rsplit",
          "rstrip",
          "split",
          "splitlines",
          "startswith",
          "strip",
          "swapcase",
          "title",
          "upper",
          "zfill");

  private final RenderState state;
  private final String text;
  private final String name;
  private final CallArguments arguments;

  private StringMethods(RenderState state, String text, String name, CallArguments arguments) {
    this.state = state;
    this.text = text;
    this.name = name;
    this.arguments = arguments;
  }

  static Object call(Interpreter interpreter, String text, String name, CallArguments arguments) {
    RenderState state = interpreter.state();
    if (name.equals("format")) {
      return BraceFormat.format(interpreter, text, arguments);
    }
    state.characters(text.length());
    return new StringMethods(state, text, name, arguments).call();
  }

  private Object call() {
    return switch (name) {
      case "strip", "lstrip", "rstrip" -> strip();
      case "startswith", "endswith" -> affix();
      case "split", "rsplit" -> split();
      case "find", "rfind", "index", "rindex" -> find();
      case "center", "ljust", "rjust" -> pad();
      case "partition", "rpartition" -> partition();
      case "count" -> count();
      case "join" -> join();
      case "replace" -> replace();
      case "splitlines" -> sized(PythonStrings.splitLines(text, bind("keepends?").flag(0, false)));
      case "zfill" -> PythonStrings.zeroFill(state, text, bind("width").integer(0, 0));
      case "expandtabs" -> PythonStrings.expandTabs(state, text, bind("tabsize?").clamped(0, 8));
      case "removeprefix" -> {
        String prefix = bind("prefix").text(0);
        yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
      }
      case "removesuffix" -> {
        String suffix = bind("suffix").text(0);
        yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
      }
      default -> withoutArguments();
    };
  }

  private Object withoutArguments() {
    bind();
    return switch (name) {
      case "upper" -> PythonStrings.upper(text);
      case "lower" -> PythonStrings.lower(text);
      case "casefold" -> PythonStrings.lower(text).replace("ß", "ss");
      case "title" -> PythonStrings.title(text);
      case "capitalize" -> PythonStrings.capitalize(text);
      case "swapcase" -> PythonStrings.swapCase(text);
      case "isupper" -> PythonStrings.isAllCase(text, true);
      case "islower" -> PythonStrings.isAllCase(text, false);
      case "istitle" -> PythonStrings.isTitle(text);
      case "isspace" -> PythonStrings.all(text, PythonStrings::isSpace);
      case "isalpha" -> PythonStrings.all(text, Character::isLetter);
      case "isdigit", "isdecimal" -> PythonStrings.all(text, Character::isDigit);
      case "isnumeric" -> PythonStrings.all(text, StringMethods::isNumeric);
      case "isalnum" ->
          PythonStrings.all(text, c -> Character.isLetter(c) || StringMethods.isNumeric(c));
      case "isascii" -> text.chars().allMatch(c -> c < 128);
      case "isidentifier" -> PythonStrings.isIdentifier(text);
      default -> text.codePoints().allMatch(PythonStrings::isPrintable);
    };
  }

  private static boolean isNumeric(int c) {
    int type = Character.getType(c);
    return type == Character.DECIMAL_DIGIT_NUMBER
        || type == Character.LETTER_NUMBER
        || type == Character.OTHER_NUMBER;
  }

  private CallArguments.Bound bind(String... parameters) {
    return arguments.bind(state, name, parameters);
  }

  private List<Object> sized(List<Object> parts) {
    state.objects(parts.size());
    return parts;
  }

  private String strip() {
    String chars = bind("chars?").text(0, null);
    state.characters(chars == null ? 0 : chars.length());
    return PythonStrings.strip(text, chars, !name.equals("rstrip"), !name.equals("lstrip"));
  }

  private boolean affix() {
    CallArguments.Bound bound = bind("prefix", "start?", "end?");
    int[] window = window(bound, 1);
    if (window == null) {
      return false;
    }
    String part = text.substring(window[0], window[1]);
    Iterable<?> candidates = bound.get(0) instanceof Tuple tuple ? tuple : List.of(bound.text(0));
    for (Object candidate : candidates) {
      state.step();
      if (!(candidate instanceof String affix)) {
        throw state.error(name + " needs str or a tuple of str");
      }
      if (name.equals("startswith") ? part.startsWith(affix) : part.endsWith(affix)) {
        return true;
      }
    }
    return false;
  }

  /** Char offsets of a start and an end given in code points; null where nothing can be found. */
  private int[] window(CallArguments.Bound bound, int first) {
    if (!bound.present(first) && !bound.present(first + 1)) {
      return new int[] {0, text.length()};
    }
    int length = PythonStrings.length(text);
    long given = bound.integer(first, 0);
    int start = Methods.position(given, length);
    int end = Methods.position(bound.integer(first + 1, length), length);
    if (given > length || start > end) {
      return null;
    }
    return new int[] {text.offsetByCodePoints(0, start), text.offsetByCodePoints(0, end)};
  }

  private List<Object> split() {
    CallArguments.Bound bound = bind("sep?", "maxsplit?");
    int max = bound.clamped(1, -1);
    boolean fromLeft = name.equals("split");
    if (!bound.present(0)) {
      return sized(
          fromLeft ? PythonStrings.splitSpace(text, max) : PythonStrings.rsplitSpace(text, max));
    }
    String separator = separator(bound);
    state.objects(
        PythonStrings.occurrences(text, separator, max < 0 ? Integer.MAX_VALUE : max).length);
    return fromLeft
        ? PythonStrings.split(text, separator, max)
        : PythonStrings.rsplit(text, separator, max);
  }

  private String separator(CallArguments.Bound bound) {
    String separator = bound.text(0);
    if (separator.isEmpty()) {
      throw state.error("empty separator");
    }
    state.characters(separator.length());
    return separator;
  }

  private Object find() {
    CallArguments.Bound bound = bind("sub", "start?", "end?");
    String part = bound.text(0);
    state.characters(part.length());
    int[] window = window(bound, 1);
    int at = -1;
    if (window != null) {
      String within = text.substring(0, window[1]);
      at =
          name.startsWith("r")
              ? PythonStrings.lastIndexOf(within.substring(window[0]), part)
              : PythonStrings.indexOf(within.substring(window[0]), part, 0);
      at = at < 0 ? -1 : text.codePointCount(0, at + window[0]);
    }
    if (at < 0 && name.endsWith("index")) {
      throw state.error("substring not found");
    }
    return (long) at;
  }

  private String pad() {
    CallArguments.Bound bound = bind("width", "fillchar?");
    String fill = bound.text(1, " ");
    if (PythonStrings.length(fill) != 1) {
      throw state.error("The fill character must be exactly one character long");
    }
    return PythonStrings.pad(
        state, text, bound.integer(0, 0), fill, !name.equals("ljust"), !name.equals("rjust"));
  }

  private Tuple partition() {
    String separator = separator(bind("sep"));
    boolean fromLeft = name.equals("partition");
    int at =
        fromLeft
            ? PythonStrings.indexOf(text, separator, 0)
            : PythonStrings.lastIndexOf(text, separator);
    if (at < 0) {
      return new Tuple(fromLeft ? List.of(text, "", "") : List.of("", "", text));
    }
    return new Tuple(
        List.of(text.substring(0, at), separator, text.substring(at + separator.length())));
  }

  private long count() {
    CallArguments.Bound bound = bind("sub", "start?", "end?");
    int[] window = window(bound, 1);
    String part = bound.text(0);
    state.characters(part.length());
    return window == null ? 0 : PythonStrings.count(text.substring(window[0], window[1]), part);
  }

  private String join() {
    List<Object> items = Values.iterate(state, bind("iterable").get(0));
    List<String> parts = new ArrayList<>();
    for (Object item : items) {
      if (!(item instanceof String part)) {
        throw state.error(
            "sequence item "
                + parts.size()
                + ": expected str instance, "
                + Values.typeName(item)
                + " found");
      }
      state.step();
      parts.add(part);
    }
    return join(state, text, parts);
  }

  static String join(RenderState state, String separator, List<String> parts) {
    long length = (long) separator.length() * Math.max(0, parts.size() - 1);
    for (String part : parts) {
      length += part.length();
    }
    state.characters(length);
    return String.join(separator, parts);
  }

  private String replace() {
    CallArguments.Bound bound = bind("old", "new", "count?");
    state.characters(bound.text(0).length());
    return PythonStrings.replace(state, text, bound.text(0), bound.text(1), bound.integer(2, -1));
  }
}
