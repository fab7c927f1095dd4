package org.slmruntime.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.slmruntime.tokenizer.regex.CharSets;
import org.slmruntime.tokenizer.regex.Regex;

/** Splits normalized text into pieces that are encoded apart. Thread-safe. */
@FunctionalInterface
interface PreTokenizer {
  PreTokenizer NONE = (text, first) -> text.isEmpty() ? List.of() : List.of(text);

  /**
   * @param first whether {@code text} begins the input
   */
  List<String> split(String text, boolean first);

  /** What becomes of the parts that a pattern matches. */
  enum Behaviour {
    REMOVED,
    ISOLATED,
    MERGED_WITH_PREVIOUS,
    MERGED_WITH_NEXT,
    CONTIGUOUS
  }

  /** Each part splits the pieces of the one before. */
  static PreTokenizer sequence(List<PreTokenizer> parts) {
    return (text, first) -> {
      List<String> pieces = List.of(text);
      for (PreTokenizer part : parts) {
        List<String> next = new ArrayList<>();
        for (int i = 0; i < pieces.size(); i++) {
          next.addAll(part.split(pieces.get(i), first && i == 0));
        }
        pieces = next;
      }
      return pieces;
    };
  }

  /** Cuts text at the matches of a pattern. */
  static PreTokenizer pattern(Regex pattern, Behaviour behaviour, boolean invert) {
    return (text, _) -> assemble(text, matches(text, pattern), behaviour, invert);
  }

  static PreTokenizer literal(String literal, Behaviour behaviour, boolean invert) {
    return (text, _) -> {
      IntList spans = new IntList();
      int at = literal.isEmpty() ? -1 : text.indexOf(literal);
      while (at >= 0) {
        spans.add(at);
        spans.add(at + literal.length());
        at = text.indexOf(literal, at + literal.length());
      }
      return assemble(text, spans.toArray(), behaviour, invert);
    };
  }

  /** Cuts text at the code points of a set, each alone. */
  static PreTokenizer chars(IntPredicate set, Behaviour behaviour) {
    return (text, _) -> {
      IntList spans = new IntList();
      for (int i = 0; i < text.length(); ) {
        int next = i + Character.charCount(text.codePointAt(i));
        if (set.test(text.codePointAt(i))) {
          spans.add(i);
          spans.add(next);
        }
        i = next;
      }
      return assemble(text, spans.toArray(), behaviour, false);
    };
  }

  /** Stand-ins for bytes, see {@link ByteLevel}. */
  static PreTokenizer byteLevel(boolean addPrefixSpace) {
    return (text, _) -> {
      if (text.isEmpty()) {
        return List.of();
      }
      return List.of(ByteLevel.encode(addPrefixSpace && !text.startsWith(" ") ? " " + text : text));
    };
  }

  /** SentencePiece's spaces: each becomes {@code replacement}, which may begin a piece. */
  static PreTokenizer metaspace(String replacement, String prependScheme, boolean split) {
    PreTokenizer cut = literal(replacement, Behaviour.MERGED_WITH_NEXT, false);
    Normalizer spaces = Normalizer.replace(" ", replacement);
    return (text, first) -> {
      if (text.isEmpty()) {
        return List.of();
      }
      String replaced = spaces.normalize(text);
      boolean prepend = prependScheme.equals("always") || prependScheme.equals("first") && first;
      if (prepend && !replaced.startsWith(replacement)) {
        replaced = replacement + replaced;
      }
      return split ? cut.split(replaced, first) : List.of(replaced);
    };
  }

  static PreTokenizer bert() {
    return sequence(
        List.of(
            chars(CharSets::isSpace, Behaviour.REMOVED),
            chars(PreTokenizer::isBertPunctuation, Behaviour.ISOLATED)));
  }

  /** Every ASCII symbol counts, and Unicode's category P. */
  static boolean isBertPunctuation(int c) {
    boolean ascii =
        c >= 33 && c <= 47 || c >= 58 && c <= 64 || c >= 91 && c <= 96 || c >= 123 && c <= 126;
    return ascii || CharSets.isPunctuation(c);
  }

  /** Start and end of each match, in turn. */
  private static int[] matches(String text, Regex pattern) {
    IntList spans = new IntList();
    Regex.Scan scan = pattern.scan(text);
    for (int i = 0; i < text.length(); ) {
      int end = scan.matchEnd(i);
      if (end > i) {
        spans.add(i);
        spans.add(end);
        i = end;
      } else {
        i += Character.charCount(text.codePointAt(i));
      }
    }
    return spans.toArray();
  }

  private static List<String> assemble(
      String text, int[] spans, Behaviour behaviour, boolean invert) {
    List<String> pieces = new ArrayList<>();
    Assembler out = new Assembler(text, behaviour, pieces);
    int at = 0;
    for (int i = 0; i < spans.length; i += 2) {
      out.part(at, spans[i], invert);
      out.part(spans[i], spans[i + 1], !invert);
      at = spans[i + 1];
    }
    out.part(at, text.length(), invert);
    out.finish();
    return pieces;
  }

  /** Joins matched and unmatched parts as a behaviour says. */
  final class Assembler {
    private final String text;
    private final Behaviour behaviour;
    private final List<String> pieces;
    private int start;
    private int end;
    private boolean lastMatched;

    private Assembler(String text, Behaviour behaviour, List<String> pieces) {
      this.text = text;
      this.behaviour = behaviour;
      this.pieces = pieces;
    }

    private void part(int from, int to, boolean matched) {
      if (from == to) {
        return;
      }
      boolean joins =
          end > start
              && switch (behaviour) {
                case REMOVED, ISOLATED -> false;
                case MERGED_WITH_PREVIOUS -> matched && !lastMatched;
                case MERGED_WITH_NEXT -> !matched && lastMatched;
                case CONTIGUOUS -> matched == lastMatched;
              };
      if (!joins) {
        finish();
        start = from;
      }
      end = behaviour == Behaviour.REMOVED && matched ? start : to;
      lastMatched = matched;
    }

    private void finish() {
      if (end > start) {
        pieces.add(text.substring(start, end));
      }
      start = end;
    }
  }
}
