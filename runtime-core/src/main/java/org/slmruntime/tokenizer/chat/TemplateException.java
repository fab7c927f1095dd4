package org.slmruntime.tokenizer.chat;

import org.slmruntime.SlmException;

/** A template is malformed, goes beyond a limit, or refuses its input. */
public final class TemplateException extends SlmException {
  private static final long serialVersionUID = 1L;

  public TemplateException(String message) {
    super(message);
  }
}
