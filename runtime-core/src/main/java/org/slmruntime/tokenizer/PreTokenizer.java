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
          next.addAll(part.split(pieces.get(i), first && i == 0 && leads(text, pieces)));
        }
        pieces = next;
      }
      return pieces;
    };
  }

  /** Whether the first piece begins the text, rather than following something removed. */
  private static boolean leads(String text, List<String> pieces) {
    return text.isEmpty()
        || text.charAt(0) == pieces.getFirst().charAt(0)
        || text.length() <= pieces.stream().mapToLong(String::length).sum();
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

  /** Pieces of one length, in code points; the last may be shorter. */
  static PreTokenizer fixedLength(int length) {
    return (text, _) -> {
      List<String> pieces = new ArrayList<>();
      for (int i = 0; i < text.length(); ) {
        int left = text.codePointCount(i, Math.min(text.length(), i + 2 * length));
        int end = text.offsetByCodePoints(i, Math.min(length, left));
        pieces.add(text.substring(i, end));
        i = end;
      }
      return pieces;
    };
  }

  /** Cuts where the script changes; Japanese counts as one, spaces and what is unknown as any. */
  static PreTokenizer scripts() {
    return (text, _) -> {
      List<String> pieces = new ArrayList<>();
      Character.UnicodeScript last = null;
      int from = 0;
      for (int i = 0; i < text.length(); ) {
        int c = text.codePointAt(i);
        Character.UnicodeScript script = sentencePieceScript(c);
        script = script == Character.UnicodeScript.UNKNOWN ? last : script;
        if (script != last && i > from) {
          // What stands before the first script belongs to no piece.
          if (last != null) {
            pieces.add(text.substring(from, i));
          }
          from = i;
        }
        last = script;
        i += Character.charCount(c);
      }
      if (last != null && from < text.length()) {
        pieces.add(text.substring(from));
      }
      return pieces;
    };
  }

  private static Character.UnicodeScript sentencePieceScript(int c) {
    if (c == ' ') {
      return Character.UnicodeScript.UNKNOWN;
    }
    Character.UnicodeScript script = Character.UnicodeScript.of(c);
    boolean japanese =
        script == Character.UnicodeScript.HIRAGANA
            || script == Character.UnicodeScript.KATAKANA
            || c == 0x30fc;
    return japanese ? Character.UnicodeScript.HAN : script;
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

  /**
   * Start and end of each match, in turn. One of nothing counts too, since text is split there, but
   * not right behind another match.
   */
  private static int[] matches(String text, Regex pattern) {
    IntList spans = new IntList();
    Regex.Scan scan = pattern.scan(text);
    int lastEnd = -1;
    for (int i = 0; i < text.length(); ) {
      int end = scan.matchEnd(i);
      if (end > i || end == i && i != lastEnd) {
        spans.add(i);
        spans.add(end);
        lastEnd = end;
      }
      i = end > i ? end : i + Character.charCount(text.codePointAt(i));
    }
    return spans.toArray();
  }

  private static List<String> assemble(
      String text, int[] spans, Behaviour behaviour, boolean invert) {
    Assembler out = new Assembler(text, behaviour);
    int at = 0;
    for (int i = 0; i < spans.length; i += 2) {
      if (spans[i] > at) {
        out.part(at, spans[i], invert);
      }
      out.part(spans[i], spans[i + 1], !invert);
      at = spans[i + 1];
    }
    if (at < text.length()) {
      out.part(at, text.length(), invert);
    }
    out.finish();
    return out.pieces;
  }

  /** Joins matched and unmatched parts as a behaviour says; a part may be empty. */
  final class Assembler {
    private final String text;
    private final Behaviour behaviour;
    private final List<String> pieces = new ArrayList<>();
    private int start = -1;
    private int end;
    private boolean lastMatched;

    private Assembler(String text, Behaviour behaviour) {
      this.text = text;
      this.behaviour = behaviour;
    }

    private void part(int from, int to, boolean matched) {
      boolean joins =
          start >= 0
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
      if (start >= 0 && end > start) {
        pieces.add(text.substring(start, end));
      }
    }
  }
}
