package org.slmruntime.tokenizer;

import org.slmruntime.SlmException;

/** A tokenizer's data are contradictory or use a component we do not know. */
public final class TokenizerException extends SlmException {
  private static final long serialVersionUID = 1L;

  public TokenizerException(String message) {
    super(message);
  }
}
