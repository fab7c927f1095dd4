package org.slmruntime.eval;

import org.slmruntime.SlmException;

/** Something cannot be evaluated: a question, a text, or a pair of models; the message says why. */
public final class EvaluationException extends SlmException {
  private static final long serialVersionUID = 1L;

  public EvaluationException(String message) {
    super(message);
  }

  public EvaluationException(String message, Throwable cause) {
    super(message, cause);
  }
}
