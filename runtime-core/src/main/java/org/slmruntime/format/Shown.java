package org.slmruntime.format;

/** Text out of a model file, in a form that keeps a message to one short line. */
public final class Shown {
  private static final int LONGEST = 80;

  private Shown() {}

  /** The text without line breaks and control characters, cut after 80 characters. */
  public static String of(String text) {
    boolean cut = text.length() > LONGEST;
    String start = cut ? text.substring(0, LONGEST) : text;
    return start.replaceAll("\\p{Cntrl}|\\p{Zl}|\\p{Zp}", "?") + (cut ? "..." : "");
  }
}
