package org.slmruntime.engine;

import java.util.List;
import org.slmruntime.tokenizer.StreamDecoder;

/**
 * Text as it may be shown: whole characters only, and nothing that could still become a stop
 * string.
 */
final class TextStream {
  private final StreamDecoder decoder;
  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private boolean stopped;

  TextStream(StreamDecoder decoder, List<String> stops) {
    this.decoder = decoder;
    this.stops = stops;
  }

  /** The text that a token releases. */
  String accept(int token) {
    return release(decoder.accept(token), false);
  }

  /** The rest, when no more tokens come. */
  String finish() {
    return release(decoder.finish(), true);
  }

  /** Whether a stop string was met; what follows it is dropped. */
  boolean stopped() {
    return stopped;
  }

  private String release(String more, boolean end) {
    if (stopped) {
      return "";
    }
    held.append(more);
    int cut = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && (cut < 0 || at < cut)) {
        cut = at;
      }
    }
    stopped = cut >= 0;
    int shown = stopped ? cut : end ? held.length() : held.length() - possibleStop();
    String text = held.substring(0, shown);
    held.delete(0, shown);
    return text;
  }

  /** Length of the longest end of the text that begins a stop string. */
  private int possibleStop() {
    int longest = 0;
    for (String stop : stops) {
      for (int n = Math.min(stop.length() - 1, held.length()); n > longest; n--) {
        if (stop.startsWith(held.substring(held.length() - n))) {
          longest = n;
        }
      }
    }
    return longest;
  }
}
