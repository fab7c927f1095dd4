package org.slmruntime.hub;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which bytes a partial answer has (RFC 9110, section 14.4).
 *
 * @param first byte
 * @param last byte, inclusive
 * @param total bytes of the whole, or -1 if the server does not say
 */
record ContentRange(long first, long last, long total) {
  /** 18 digits always fit. */
  private static final Pattern FORM =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

  static Optional<ContentRange> parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    long total = form.group(3).equals("*") ? -1 : Long.parseLong(form.group(3));
    return Optional.of(
        new ContentRange(Long.parseLong(form.group(1)), Long.parseLong(form.group(2)), total));
  }

  /** Whether it begins where it should and says nothing else about the size of the whole. */
  boolean continues(long from, long size) {
    return first == from && last >= first && last < size && (total == -1 || total == size);
  }
}
