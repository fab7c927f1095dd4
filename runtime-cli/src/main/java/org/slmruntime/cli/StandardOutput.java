package org.slmruntime.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * Standard output, in UTF-8 whatever the locale says: text of models is Unicode. Remembers why
 * writing failed, which a {@link PrintWriter} keeps to itself.
 */
final class StandardOutput extends FilterOutputStream {
  private IOException failure;

  StandardOutput(OutputStream out) {
    super(out);
  }

  PrintWriter writer() {
    return new PrintWriter(this, false, StandardCharsets.UTF_8);
  }

  /**
   * What kept results from being written; nothing if it is only that the reader left, as {@code
   * head} does when it has seen enough.
   */
  Optional<String> failure() {
    return Optional.ofNullable(failure)
        .map(IOException::getMessage)
        .filter(message -> !message.toLowerCase(Locale.ROOT).contains("broken pipe"));
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      failure = failure == null ? e : failure;
      throw e;
    }
  }
}
