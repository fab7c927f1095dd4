package org.slmruntime;

/**
 * The root of every failure that a caller can cause or meet: a bad file, an unusable setting, a
 * request beyond a limit. The message is one line that names the values involved; each package has
 * its own subtype.
 */
public class SlmException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SlmException(String message) {
    super(message);
  }

  public SlmException(String message, Throwable cause) {
    super(message, cause);
  }
}
