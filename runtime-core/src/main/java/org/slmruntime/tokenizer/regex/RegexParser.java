package org.slmruntime.tokenizer.regex;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.slmruntime.tokenizer.TokenizerException;

/** Parses a pattern by recursive descent. */
final class RegexParser {
  private static final int MAX_PATTERN = 10_000;
  private static final int MAX_DEPTH = 50;
  private static final int MAX_REPEAT = 1000;
  private static final int MAX_ASSERTIONS = 8;
  private static final RegexNode END = new RegexNode.Look(x -> false, true);

  private final String pattern;
  private final int[] points;
  private int position;
  private int depth;
  private int assertions;
  private boolean ignoreCase;
  private boolean dotAll;

  RegexParser(String pattern) {
    this.pattern = pattern;
    this.points = pattern.codePoints().toArray();
    if (points.length > MAX_PATTERN) {
      throw error("longer than " + MAX_PATTERN);
    }
  }

  RegexNode parse() {
    RegexNode node = choice();
    if (position < points.length) {
      throw error("unmatched )");
    }
    return node;
  }

  private RegexNode choice() {
    if (++depth > MAX_DEPTH) {
      throw error("nested deeper than " + MAX_DEPTH);
    }
    List<RegexNode> alternatives = new ArrayList<>();
    do {
      alternatives.add(sequence());
    } while (accept('|'));
    depth--;
    return alternatives.size() == 1 ? alternatives.getFirst() : new RegexNode.Choice(alternatives);
  }

  private RegexNode sequence() {
    List<RegexNode> parts = new ArrayList<>();
    boolean outerCase = ignoreCase;
    boolean outerDot = dotAll;
    while (position < points.length && peek() != '|' && peek() != ')') {
      if (optionsForTheRest()) {
        // What follows them is a group of its own, its alternatives included.
        parts.add(choice());
      } else if (!comment()) {
        parts.add(repeated(atom()));
      }
    }
    ignoreCase = outerCase;
    dotAll = outerDot;
    return parts.size() == 1 ? parts.getFirst() : new RegexNode.Sequence(parts);
  }

  /** Reads {@code (?i)} if it is there. */
  private boolean optionsForTheRest() {
    int start = position;
    if (accept('(') && accept('?') && options() && accept(')')) {
      return true;
    }
    position = start;
    return false;
  }

  /** Reads {@code i}, {@code m} and their negations up to what ends them. */
  private boolean options() {
    boolean on = true;
    boolean oldCase = ignoreCase;
    boolean oldDot = dotAll;
    for (; position < points.length; position++) {
      switch (points[position]) {
        case '-' -> on = false;
        case 'i' -> ignoreCase = on;
        case 'm' -> dotAll = on;
        default -> {
          if (points[position] != ':' && points[position] != ')') {
            ignoreCase = oldCase;
            dotAll = oldDot;
          }
          return points[position] == ':' || points[position] == ')';
        }
      }
    }
    return false;
  }

  private boolean comment() {
    if (!ahead("(?#")) {
      return false;
    }
    while (next() != ')') {
      // A comment says nothing.
    }
    return true;
  }

  private RegexNode repeated(RegexNode part) {
    RegexNode node = part;
    for (int chained = 0; position < points.length; chained++) {
      int[] bounds = bounds();
      if (bounds == null) {
        return node;
      }
      if (chained == MAX_DEPTH) {
        throw error("more than " + MAX_DEPTH + " repetitions of one another");
      }
      // After braces a + repeats once more, and a ? does so after a single number.
      boolean braces = bounds[2] > 0;
      if (!braces && accept('+')) {
        node = possessive(new RegexNode.Repeat(node, bounds[0], bounds[1], true));
      } else {
        boolean lazy = bounds[2] < 2 && accept('?');
        node = new RegexNode.Repeat(node, bounds[0], bounds[1], !lazy);
      }
    }
    return node;
  }

  /** Least and most repetitions, and 0 for a symbol, 1 for a range, 2 for a number in braces. */
  private int[] bounds() {
    if (accept('*')) {
      return new int[] {0, -1, 0};
    }
    if (accept('+')) {
      return new int[] {1, -1, 0};
    }
    if (accept('?')) {
      return new int[] {0, 1, 0};
    }
    return peek() == '{' && isInterval() ? interval() : null;
  }

  /** Braces that hold no numbers stand for themselves. */
  private boolean isInterval() {
    int at = position + 1;
    int commas = 0;
    int digits = 0;
    for (; at < points.length && points[at] != '}'; at++) {
      commas += points[at] == ',' ? 1 : 0;
      digits += isDigit(points[at]) ? 1 : 0;
    }
    return at < points.length && digits > 0 && commas < 2 && commas + digits == at - position - 1;
  }

  private int[] interval() {
    position++;
    int min = number();
    boolean range = accept(',');
    int max = !range ? min : peek() == '}' ? -1 : number();
    expect('}');
    if (max >= 0 && max < min) {
      throw error("repetition {" + min + "," + max + "}");
    }
    return new int[] {min, max, range ? 1 : 2};
  }

  /** Giving nothing back means, for one set of code points, that none of it may follow. */
  private RegexNode possessive(RegexNode.Repeat repeat) {
    if (!(repeat.part() instanceof RegexNode.Chars chars)) {
      throw error("possessive repetition of more than one character is not supported");
    }
    RegexNode none = new RegexNode.Look(chars.set().negate(), true);
    return repeat.max() == 1
        ? new RegexNode.Choice(List.of(chars, none))
        : new RegexNode.Sequence(List.of(repeat, none));
  }

  private RegexNode atom() {
    int c = next();
    return switch (c) {
      case '(' -> group();
      case '[' -> new RegexNode.Chars(charClass());
      case '.' -> new RegexNode.Chars(dotAll ? x -> true : x -> x != '\n');
      case '$' -> new RegexNode.Look(x -> x == '\n', true);
      case '^' -> assertion(RegexNode.Kind.LINE_START, false, null);
      case '\\' -> escaped();
      case '*', '+', '?' -> throw error("nothing to repeat before " + Character.toString(c));
      default -> new RegexNode.Chars(cased(x -> x == c));
    };
  }

  /** What an escape means outside of a class. */
  private RegexNode escaped() {
    return switch (peek()) {
      case 'A' -> position(RegexNode.Kind.TEXT_START, false);
      case 'b' -> position(RegexNode.Kind.WORD_BOUNDARY, false);
      case 'B' -> position(RegexNode.Kind.WORD_BOUNDARY, true);
      case 'z' -> {
        position++;
        yield END;
      }
      case 'Z' -> {
        position++;
        RegexNode line = new RegexNode.Chars(x -> x == '\n');
        RegexNode last = new RegexNode.Sequence(List.of(line, END));
        yield assertion(RegexNode.Kind.AHEAD, false, new RegexNode.Choice(List.of(END, last)));
      }
      case 'R' -> {
        position++;
        RegexNode two =
            new RegexNode.Sequence(
                List.of(new RegexNode.Chars(x -> x == '\r'), new RegexNode.Chars(x -> x == '\n')));
        yield new RegexNode.Choice(List.of(two, new RegexNode.Chars(CharSets::isLineBreak)));
      }
      default -> {
        IntPredicate set = escape(false);
        yield new RegexNode.Chars(lastEscaped < 0 ? set : cased(set));
      }
    };
  }

  private RegexNode position(RegexNode.Kind kind, boolean negated) {
    position++;
    return assertion(kind, negated, null);
  }

  private RegexNode assertion(RegexNode.Kind kind, boolean negated, RegexNode body) {
    if (++assertions > MAX_ASSERTIONS) {
      throw error("more than " + MAX_ASSERTIONS + " assertions");
    }
    return new RegexNode.Assertion(kind, negated, body);
  }

  private RegexNode group() {
    if (!accept('?')) {
      return closed(choice());
    }
    if (accept('!')) {
      return lookAhead(true);
    }
    if (accept('=')) {
      return lookAhead(false);
    }
    if (accept('>')) {
      return atomic(closed(choice()));
    }
    if (ahead("<=") || ahead("<!")) {
      boolean negated = points[position - 1] == '!';
      return assertion(RegexNode.Kind.BEHIND, negated, closed(choice()));
    }
    if (accept('<')) {
      while (next() != '>') {
        // A group's name does not matter, since nothing can refer to it.
      }
      return closed(choice());
    }
    boolean outerCase = ignoreCase;
    boolean outerDot = dotAll;
    options();
    expect(':');
    RegexNode node = closed(choice());
    ignoreCase = outerCase;
    dotAll = outerDot;
    return node;
  }

  private RegexNode lookAhead(boolean negated) {
    RegexNode body = closed(choice());
    IntPredicate set = oneOf(body);
    if (set == null) {
      return assertion(RegexNode.Kind.AHEAD, negated, body);
    }
    return new RegexNode.Look(negated ? set.negate() : set, negated);
  }

  /** A group that gives nothing back. */
  private RegexNode atomic(RegexNode body) {
    return switch (body) {
      case RegexNode.Chars _ -> body;
      case RegexNode.Repeat repeat when repeat.greedy() && repeat.max() < 0 -> possessive(repeat);
      case RegexNode.Repeat repeat when repeat.greedy() && repeat.max() == 1 -> possessive(repeat);
      case RegexNode.Sequence s
          when s.parts().stream().allMatch(RegexNode.Chars.class::isInstance) ->
          body;
      default -> throw error("an atomic group of more than one repetition is not supported");
    };
  }

  private RegexNode closed(RegexNode node) {
    expect(')');
    return node;
  }

  /** The set that a look-ahead at one code point asks for, or null if it looks farther. */
  private static IntPredicate oneOf(RegexNode node) {
    return switch (node) {
      case RegexNode.Chars chars -> chars.set();
      case RegexNode.Choice choice -> {
        List<IntPredicate> sets = new ArrayList<>();
        for (RegexNode alternative : choice.alternatives()) {
          sets.add(oneOf(alternative));
        }
        yield sets.contains(null) ? null : anyOf(sets);
      }
      default -> null;
    };
  }

  private IntPredicate charClass() {
    if (++depth > MAX_DEPTH) {
      throw error("nested deeper than " + MAX_DEPTH);
    }
    boolean negated = accept('^');
    IntPredicate set = null;
    List<IntPredicate> items = new ArrayList<>();
    boolean first = true;
    while (first || peek() != ']') {
      first = false;
      if (ahead("&&")) {
        set = both(set, anyOf(items));
        items = new ArrayList<>();
      } else {
        items.add(classItem());
      }
    }
    expect(']');
    depth--;
    IntPredicate all = cased(both(set, anyOf(items)));
    return negated ? all.negate() : all;
  }

  private static IntPredicate both(IntPredicate one, IntPredicate other) {
    return one == null ? other : one.and(other);
  }

  /** A loop, for a chain of thousands of {@code or} would exhaust the stack. */
  private static IntPredicate anyOf(List<IntPredicate> sets) {
    IntPredicate[] all = sets.toArray(IntPredicate[]::new);
    return x -> {
      for (IntPredicate set : all) {
        if (set.test(x)) {
          return true;
        }
      }
      return false;
    };
  }

  private IntPredicate classItem() {
    if (ahead("[:")) {
      return posix();
    }
    int c = next();
    if (c == '[') {
      return charClass();
    }
    IntPredicate single = null;
    int low = c;
    if (c == '\\') {
      single = escape(true);
      low = lastEscaped;
      if (low < 0) {
        return single;
      }
    }
    boolean range = position + 1 < points.length && peek() == '-' && points[position + 1] != ']';
    if (!range) {
      int only = low;
      return single != null ? single : x -> x == only;
    }
    position++;
    int high = next();
    if (high == '\\') {
      escape(true);
      high = lastEscaped;
    }
    int from = low;
    int to = high;
    if (to < from) {
      throw error("empty range");
    }
    return x -> x >= from && x <= to;
  }

  /** The rest of {@code [:alpha:]} or {@code [:^alpha:]}. */
  private IntPredicate posix() {
    boolean negated = accept('^');
    StringBuilder name = new StringBuilder();
    while (peek() != ':') {
      name.appendCodePoint(next());
    }
    position++;
    expect(']');
    IntPredicate set = CharSets.posix(name.toString());
    if (set == null) {
      throw error("unknown class [:" + name + ":]");
    }
    return negated ? set.negate() : set;
  }

  /** The code point that the escape just read stands for, or -1 if it is a set. */
  private int lastEscaped;

  private IntPredicate escape(boolean inClass) {
    int c = next();
    lastEscaped = -1;
    return switch (c) {
      case 'p' -> property(inClass);
      case 'P' -> property(inClass).negate();
      case 's' -> CharSets::isSpace;
      case 'S' -> x -> !CharSets.isSpace(x);
      case 'd' -> CharSets.category("Nd");
      case 'D' -> CharSets.category("Nd").negate();
      case 'w' -> CharSets.property("Word", inClass);
      case 'W' -> CharSets.property("Word", inClass).negate();
      case 'h' -> CharSets.posix("xdigit");
      case 'H' -> CharSets.posix("xdigit").negate();
      case 'N' -> x -> x != '\n';
      case 'O' -> x -> true;
      case 'n' -> literal('\n');
      case 'r' -> literal('\r');
      case 't' -> literal('\t');
      case 'f' -> literal('\f');
      case 'v' -> literal(0x0b);
      case 'a' -> literal(7);
      case 'e' -> literal(0x1b);
      case 'x' -> literal(hex());
      case 'u' -> literal(hex(4));
      default -> {
        if (inClass && c == 'b') {
          yield literal('\b');
        }
        if (Character.isLetterOrDigit(c) && c < 0x80) {
          throw error((inClass ? "in a class: " : "") + "unsupported \\" + Character.toString(c));
        }
        yield literal(c);
      }
    };
  }

  private IntPredicate literal(int c) {
    lastEscaped = c;
    return x -> x == c;
  }

  private int hex() {
    if (!accept('{')) {
      return hex(2);
    }
    int start = position;
    while (peek() != '}') {
      position++;
    }
    int value = parseHex(start, position);
    position++;
    return value;
  }

  private int hex(int digits) {
    position += digits;
    return parseHex(position - digits, position);
  }

  private int parseHex(int start, int end) {
    int value = 0;
    for (int i = start; i < end; i++) {
      int digit = i < points.length ? Character.digit(points[i], 16) : -1;
      value = value << 4 | digit;
      if (digit < 0 || value > Character.MAX_CODE_POINT) {
        throw error("bad hexadecimal escape");
      }
    }
    return value;
  }

  private IntPredicate property(boolean inClass) {
    expect('{');
    boolean negated = accept('^');
    StringBuilder name = new StringBuilder();
    while (peek() != '}') {
      name.appendCodePoint(next());
    }
    position++;
    IntPredicate set = CharSets.property(name.toString(), inClass);
    if (set == null) {
      throw error("unknown property \\p{" + name + "}");
    }
    return negated ? set.negate() : set;
  }

  private IntPredicate cased(IntPredicate set) {
    return ignoreCase ? CharSets.ignoringCase(set) : set;
  }

  private int number() {
    int value = 0;
    while (isDigit(peek())) {
      value = value * 10 + next() - '0';
      if (value > MAX_REPEAT) {
        throw error("repetition beyond " + MAX_REPEAT);
      }
    }
    return value;
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private int peek() {
    if (position >= points.length) {
      throw error("unexpected end");
    }
    return points[position];
  }

  private int next() {
    int c = peek();
    position++;
    return c;
  }

  private boolean accept(int c) {
    if (position < points.length && points[position] == c) {
      position++;
      return true;
    }
    return false;
  }

  /** Takes the text if it comes next. */
  private boolean ahead(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (position + i >= points.length || points[position + i] != text.charAt(i)) {
        return false;
      }
    }
    position += text.length();
    return true;
  }

  private void expect(int c) {
    if (!accept(c)) {
      throw error("expected " + Character.toString(c));
    }
  }

  private TokenizerException error(String problem) {
    String shown = pattern.length() > 200 ? pattern.substring(0, 200) + "..." : pattern;
    return new TokenizerException("pattern, position " + position + ": " + problem + ": " + shown);
  }
}
