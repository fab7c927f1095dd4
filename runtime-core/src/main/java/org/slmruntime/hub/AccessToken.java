package org.slmruntime.hub;

/** What opens private and gated models. It has no text form, so that no message or log shows it. */
public final class AccessToken {
  private static final int LONGEST = 4096;

  private final String secret;

  /**
   * @throws HubException if it holds other than printable ASCII characters; the message does not
   *     show it
   */
  public AccessToken(String secret) {
    boolean printable = secret.chars().allMatch(c -> c > ' ' && c < 0x7f);
    if (secret.isEmpty() || secret.length() > LONGEST || !printable) {
      throw new HubException(
          "the access token has "
              + secret.length()
              + " characters"
              + (printable ? "" : ", some of which no token has")
              + "; it should have 1 to "
              + LONGEST
              + " printable ones");
    }
    this.secret = secret;
  }

  /** The value of the header {@code Authorization}. */
  String authorization() {
    return "Bearer " + secret;
  }

  @Override
  public String toString() {
    return "AccessToken[not shown]";
  }
}
