package org.slmruntime.sampling;

import org.slmruntime.SlmException;

/** A sampling parameter is out of range, or a model produced no usable logits. */
public final class SamplingException extends SlmException {
  private static final long serialVersionUID = 1L;

  public SamplingException(String message) {
    super(message);
  }
}
