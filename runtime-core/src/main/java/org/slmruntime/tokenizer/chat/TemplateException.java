package org.slmruntime.tokenizer.chat;

import java.util.Optional;
import org.slmruntime.SlmException;

/** A template is malformed, goes beyond a limit, or refuses its input. */
public final class TemplateException extends SlmException {
  private static final long serialVersionUID = 1L;

  private final String raised;

  public TemplateException(String message) {
    this(message, null);
  }

  TemplateException(String message, String raised) {
    super(message);
    this.raised = raised;
  }

  /** What the template itself gave to raise_exception, unchanged; empty for any other error. */
  public Optional<String> raised() {
    return Optional.ofNullable(raised);
  }
}
