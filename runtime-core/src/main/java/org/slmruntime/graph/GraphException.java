package org.slmruntime.graph;

import org.slmruntime.SlmException;

/** An operation does not fit its operands; the message has the shapes. */
public final class GraphException extends SlmException {
  private static final long serialVersionUID = 1L;

  public GraphException(String message) {
    super(message);
  }
}
