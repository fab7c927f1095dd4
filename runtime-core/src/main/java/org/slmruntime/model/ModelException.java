package org.slmruntime.model;

import org.slmruntime.SlmException;

/** A model's family is unknown, or its configuration and tensors contradict each other. */
public final class ModelException extends SlmException {
  private static final long serialVersionUID = 1L;

  public ModelException(String message) {
    super(message);
  }
}
