package org.slmruntime.demo;

import org.slmruntime.SlmException;

/** The demo model cannot be had; the message says where it was looked for and why. */
public final class DemoModelException extends SlmException {
  private static final long serialVersionUID = 1L;

  DemoModelException(String message) {
    super(message);
  }

  DemoModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
