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

  private final String pattern;
  private final int[] points;
  private int position;
  private int depth;
  private boolean ignoreCase;

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
    while (position < points.length && peek() != '|' && peek() != ')') {
      parts.add(repeated(atom()));
    }
    return new RegexNode.Sequence(parts);
  }

  private RegexNode repeated(RegexNode part) {
    RegexNode node = part;
    int chained = 0;
    while (position < points.length) {
      int start = position;
      int min;
      int max = -1;
      if (accept('*')) {
        min = 0;
      } else if (accept('+')) {
        min = 1;
      } else if (accept('?')) {
        min = 0;
        max = 1;
      } else if (peek() == '{' && start + 1 < points.length && isDigit(points[start + 1])) {
        position++;
        min = number();
        max = accept(',') ? (peek() == '}' ? -1 : number()) : min;
        expect('}');
      } else {
        return node;
      }
      if (max >= 0 && max < min) {
        throw error("repetition {" + min + "," + max + "}");
      }
      if (accept('+')) {
        throw error("possessive repetition is not supported");
      }
      if (++chained > MAX_DEPTH) {
        throw error("more than " + MAX_DEPTH + " repetitions of one another");
      }
      node = new RegexNode.Repeat(node, min, max, !accept('?'));
    }
    return node;
  }

  private RegexNode atom() {
    int c = next();
    return switch (c) {
      case '(' -> group();
      case '[' -> new RegexNode.Chars(cased(charClass()));
      case '.' -> new RegexNode.Chars(x -> x != '\n');
      case '$' -> new RegexNode.Look(x -> false, true);
      case '\\' -> new RegexNode.Chars(cased(escape(false)));
      case '^', '*', '+', '?' -> throw error("unsupported " + Character.toString(c));
      default -> new RegexNode.Chars(cased(x -> x == c));
    };
  }

  private RegexNode group() {
    if (!accept('?')) {
      return closed(choice());
    }
    boolean outer = ignoreCase;
    if (accept('!')) {
      IntPredicate set = lookedAt(closed(choice()));
      return new RegexNode.Look(set.negate(), true);
    }
    if (accept('=')) {
      return new RegexNode.Look(lookedAt(closed(choice())), false);
    }
    if (accept('i')) {
      ignoreCase = true;
    }
    expect(':');
    RegexNode node = closed(choice());
    ignoreCase = outer;
    return node;
  }

  private RegexNode closed(RegexNode node) {
    expect(')');
    return node;
  }

  /** A look-ahead must be one set of code points, or alternatives of such. */
  private IntPredicate lookedAt(RegexNode node) {
    return switch (node) {
      case RegexNode.Chars chars -> chars.set();
      case RegexNode.Sequence s when s.parts().size() == 1 -> lookedAt(s.parts().getFirst());
      case RegexNode.Choice choice ->
          anyOf(choice.alternatives().stream().map(this::lookedAt).toList());
      default -> throw error("look-ahead at more than one character is not supported");
    };
  }

  private IntPredicate charClass() {
    if (++depth > MAX_DEPTH) {
      throw error("nested deeper than " + MAX_DEPTH);
    }
    boolean negated = accept('^');
    List<IntPredicate> items = new ArrayList<>();
    boolean first = true;
    while (first || peek() != ']') {
      first = false;
      if (peek() == '&' && position + 1 < points.length && points[position + 1] == '&') {
        throw error("intersection of classes is not supported");
      }
      items.add(classItem());
    }
    expect(']');
    depth--;
    IntPredicate set = anyOf(items);
    return negated ? set.negate() : set;
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
    int c = next();
    if (c == '[') {
      return charClass();
    }
    IntPredicate single = null;
    int low = c;
    if (c == '\\') {
      int kind = peek();
      single = escape(true);
      low = literalOf(kind);
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
      int kind = peek();
      escape(true);
      high = literalOf(kind);
    }
    int from = low;
    int to = high;
    if (to < from) {
      throw error("empty range");
    }
    return x -> x >= from && x <= to;
  }

  private int lastEscaped;

  /** The code point that the escape just read stands for, or -1 if it is a set. */
  private int literalOf(int kind) {
    return "pPsSdDwW".indexOf(kind) >= 0 ? -1 : lastEscaped;
  }

  private IntPredicate escape(boolean inClass) {
    int c = next();
    return switch (c) {
      case 'p' -> property();
      case 'P' -> property().negate();
      case 's' -> CharSets::isSpace;
      case 'S' -> x -> !CharSets.isSpace(x);
      case 'd' -> CharSets.category("Nd");
      case 'D' -> CharSets.category("Nd").negate();
      case 'w' -> CharSets::isWord;
      case 'W' -> x -> !CharSets.isWord(x);
      case 'n' -> literal('\n');
      case 'r' -> literal('\r');
      case 't' -> literal('\t');
      case 'f' -> literal('\f');
      case 'v' -> literal(0x0b);
      case 'x' -> literal(hex());
      case 'u' -> literal(hex(4));
      default -> {
        if (Character.isLetterOrDigit(c)) {
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

  private IntPredicate property() {
    expect('{');
    boolean negated = accept('^');
    StringBuilder name = new StringBuilder();
    while (peek() != '}') {
      name.appendCodePoint(next());
    }
    position++;
    IntPredicate set = CharSets.category(name.toString());
    if (set == null) {
      set = CharSets.script(name.toString());
    }
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
