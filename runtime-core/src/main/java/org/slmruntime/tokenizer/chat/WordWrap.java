package org.slmruntime.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;

/** The wordwrap filter: lines filled greedily with words. */
final class WordWrap {
  private final int width;
  private final boolean breakLong;
  private final List<String> lines = new ArrayList<>();
  private final StringBuilder line = new StringBuilder();

  private WordWrap(int width, boolean breakLong) {
    this.width = width;
    this.breakLong = breakLong;
  }

  static Object filter(Interpreter in, Object value, CallArguments arguments) {
    RenderState state = in.state();
    CallArguments.Bound bound =
        arguments.bind(
            state, "wordwrap", "width?", "break_long_words?", "wrapstring?", "break_on_hyphens?");
    int width = bound.clamped(0, 79);
    if (width <= 0) {
      throw state.error("invalid width " + width + " (must be > 0)");
    }
    Values.refuseUndefined(state, value);
    String text = Text.str(state, value);
    // A line per character at worst, each with its own text.
    state.elements(text.length());
    String separator = bound.text(2, "\n");
    List<String> wrapped = new ArrayList<>();
    for (Object paragraph : PythonStrings.splitLines(text, false)) {
      WordWrap wrap = new WordWrap(width, bound.flag(1, true));
      for (String chunk : chunks((String) paragraph, bound.flag(3, true))) {
        wrap.add(chunk);
      }
      wrap.endLine();
      wrapped.add(StringMethods.join(state, separator, wrap.lines));
    }
    return StringMethods.join(state, separator, wrapped);
  }

  /** Runs of blanks, and words; a word may also end after a hyphen between letters. */
  private static List<String> chunks(String text, boolean hyphens) {
    List<String> chunks = new ArrayList<>();
    int start = 0;
    for (int i = 1; i <= text.length(); i++) {
      boolean end =
          i == text.length()
              || isBlank(text, i) != isBlank(text, i - 1)
              || hyphens && breaksAfterHyphen(text, i);
      if (end) {
        chunks.add(text.substring(start, i));
        start = i;
      }
    }
    return chunks;
  }

  private static boolean isBlank(String text, int at) {
    return PythonStrings.isSpace(text.charAt(at));
  }

  private static boolean breaksAfterHyphen(String text, int at) {
    return text.charAt(at - 1) == '-'
        && at >= 3
        && Character.isLetter(text.charAt(at - 2))
        && isWord(text, at - 3)
        && at + 1 < text.length()
        && Character.isLetter(text.charAt(at))
        && (isWord(text, at + 1) || text.charAt(at + 1) == '-');
  }

  private static boolean isWord(String text, int at) {
    return text.charAt(at) == '_' || Character.isLetterOrDigit(text.charAt(at));
  }

  private void add(String chunk) {
    boolean blank = isBlank(chunk, 0);
    if (blank && line.isEmpty() && !lines.isEmpty()) {
      return;
    }
    String rest = chunk;
    int taken = Character.codePointCount(line, 0, line.length());
    int left = PythonStrings.length(rest);
    if (taken + left > width) {
      if (left > width && breakLong) {
        int room = Math.max(width - taken, line.isEmpty() ? 1 : 0);
        int position = rest.offsetByCodePoints(0, room);
        line.append(rest, 0, position);
        endLine();
        for (left -= room; left > width; left -= width) {
          int end = rest.offsetByCodePoints(position, width);
          lines.add(rest.substring(position, end));
          position = end;
        }
        rest = rest.substring(position);
      } else {
        endLine();
      }
      if (blank && line.isEmpty() && !lines.isEmpty()) {
        return;
      }
    }
    line.append(rest);
  }

  private void endLine() {
    String text = PythonStrings.strip(line.toString(), null, false, true);
    if (!text.isEmpty()) {
      lines.add(text);
    }
    line.setLength(0);
  }
}
