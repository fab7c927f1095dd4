package org.slmruntime.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.slmruntime.engine.Generation;
import org.slmruntime.engine.GenerationResult;

/** Shows generated text as it comes, and how fast it came. */
final class Output {
  private Output() {}

  /** Prints the pieces; ends the program quietly if nobody reads them any more. */
  static GenerationResult stream(Generation generation, PrintWriter out) {
    for (String piece : generation) {
      out.print(piece);
      out.flush();
      if (out.checkError()) {
        generation.close();
        throw new FailureHandler.Terminated(0);
      }
    }
    return generation.result();
  }

  /** One line of tokens and speed. */
  static String timing(GenerationResult r) {
    return String.format(
        Locale.ROOT,
        "%d prompt tokens (%.1f/s), %d new tokens (%.1f/s), %s, seed %d",
        r.promptTokens(),
        perSecond(r.promptTokens(), r.prefillNanos()),
        r.completionTokens(),
        perSecond(r.completionTokens() - 1, r.decodeNanos()),
        r.finish().name().toLowerCase(Locale.ROOT),
        r.seed());
  }

  static double perSecond(long tokens, long nanos) {
    return nanos <= 0 ? 0 : tokens * 1e9 / nanos;
  }

  /** A text that ends no line and controls no terminal, whatever a file or message holds. */
  static String oneLine(String text) {
    return text.replaceAll("\\s*[\\r\\n]+\\s*", " ").replaceAll("\\p{Cc}", "?");
  }

  /** Bytes for people. */
  static String bytes(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
    return String.format(
        Locale.ROOT, "%.1f %ciB", bytes / (double) (1L << 10 * unit), " KMGTPE".charAt(unit));
  }
}
