package org.slmruntime.tokenizer.chat;

import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** Python's strftime in the C locale, for a time without zone. */
final class Strftime {
  private Strftime() {}

  static String format(RenderState state, LocalDateTime time, String format) {
    state.characters(format.length() * 8L);
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < format.length()) {
      char c = format.charAt(i++);
      if (c != '%' || i == format.length()) {
        out.append(c);
        continue;
      }
      char flag = "-_0".indexOf(format.charAt(i)) >= 0 ? format.charAt(i++) : 0;
      if (i == format.length()) {
        return out.append(format, i - 2, i).toString();
      }
      String text = field(time, format.charAt(i++));
      out.append(text == null ? format.substring(i - (flag == 0 ? 2 : 3), i) : flagged(text, flag));
    }
    return out.toString();
  }

  private static String flagged(String text, char flag) {
    int zeros = 0;
    while (zeros < text.length() - 1
        && (text.charAt(zeros) == '0' || text.charAt(zeros) == ' ')
        && Character.isDigit(text.charAt(zeros + 1))) {
      zeros++;
    }
    return switch (flag) {
      case '-' -> text.substring(zeros);
      case '_' -> " ".repeat(zeros) + text.substring(zeros);
      case '0' -> "0".repeat(zeros) + text.substring(zeros);
      default -> text;
    };
  }

  private static String field(LocalDateTime t, char code) {
    int hour12 = (t.getHour() + 11) % 12 + 1;
    int sunday = t.getDayOfWeek().getValue() % 7;
    return switch (code) {
      case 'a' -> t.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
      case 'A' -> t.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      case 'b', 'h' -> t.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH).substring(0, 3);
      case 'B' -> t.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      case 'd' -> digits(t.getDayOfMonth(), 2);
      case 'e' -> (t.getDayOfMonth() < 10 ? " " : "") + t.getDayOfMonth();
      case 'm' -> digits(t.getMonthValue(), 2);
      case 'y' -> digits(t.getYear() % 100, 2);
      case 'Y' -> Integer.toString(t.getYear());
      case 'C' -> digits(t.getYear() / 100, 2);
      case 'H' -> digits(t.getHour(), 2);
      case 'I' -> digits(hour12, 2);
      case 'M' -> digits(t.getMinute(), 2);
      case 'S' -> digits(t.getSecond(), 2);
      case 'f' -> digits(t.getNano() / 1000, 6);
      case 'p' -> t.getHour() < 12 ? "AM" : "PM";
      case 'j' -> digits(t.getDayOfYear(), 3);
      case 'w' -> Integer.toString(sunday);
      case 'u' -> Integer.toString(t.getDayOfWeek().getValue());
      case 'U' -> digits((t.getDayOfYear() + 6 - sunday) / 7, 2);
      case 'W' -> digits((t.getDayOfYear() + 6 - (sunday + 6) % 7) / 7, 2);
      case 'V' -> digits(t.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2);
      case 'G' -> Integer.toString(t.get(IsoFields.WEEK_BASED_YEAR));
      case 'D', 'x' -> fields(t, "m/d/y");
      case 'F' -> fields(t, "Y-m-d");
      case 'T', 'X' -> fields(t, "H:M:S");
      case 'R' -> fields(t, "H:M");
      case 'r' -> fields(t, "I:M:S p");
      case 'c' -> fields(t, "a b e H:M:S Y");
      case 'n' -> "\n";
      case 't' -> "\t";
      case 'z', 'Z' -> "";
      case '%' -> "%";
      default -> null;
    };
  }

  /** Several fields, with what stands between. */
  private static String fields(LocalDateTime t, String codes) {
    StringBuilder out = new StringBuilder();
    for (char code : codes.toCharArray()) {
      out.append(Character.isLetter(code) ? field(t, code) : String.valueOf(code));
    }
    return out.toString();
  }

  private static String digits(int value, int width) {
    String text = Integer.toString(value);
    return "0".repeat(Math.max(0, width - text.length())) + text;
  }
}
