package org.slmruntime.hub;

import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Set;

/**
 * What a server's refusal means to who pulls a model, and what to do about it.
 *
 * @param name the model
 * @param endpoint that was asked
 * @param authorized whether a token was sent
 */
record Refusals(ModelName name, URI endpoint, boolean authorized) {
  /** Overload and faults, which may pass. */
  private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);

  private static final Set<Integer> REFUSED = Set.of(401, 403, 404);

  private static final Duration FOREVER = Duration.ofDays(10_000);

  /**
   * Does nothing for an answer that is content.
   *
   * @param what was asked for
   * @throws TransientFailure if it is worth trying again
   * @throws HubException if it is not
   */
  void check(HubAnswer answer, String what) throws TransientFailure {
    requireFinal(answer);
    boolean gated = answer.header("x-error-code").filter("GatedRepo"::equals).isPresent();
    switch (answer.status()) {
      case 200, 206, 416 -> {}
      case 401 -> throw new HubException(gated ? gated() : unknown());
      case 403 -> throw new HubException(gated ? gated() : noAccess());
      case 404 ->
          throw new HubException(
              what + " is not at " + endpoint + " (404); check the name " + name.repository());
      default ->
          throw new HubException(
              what + ": " + WebAddress.shown(answer.uri()) + " answers with " + told(answer));
    }
  }

  private void requireFinal(HubAnswer answer) throws TransientFailure {
    // What another host refuses is mostly an address that was good for some minutes only.
    boolean expired =
        REFUSED.contains(answer.status()) && !WebAddress.sameOrigin(answer.uri(), endpoint);
    if (expired || PASSING.contains(answer.status())) {
      Duration wait = answer.header("retry-after").map(Refusals::askedWait).orElse(Duration.ZERO);
      throw new TransientFailure(answer.uri().getHost() + " answers with " + told(answer), wait);
    }
  }

  private static String told(HubAnswer answer) {
    return answer.status() == 429 ? "429, too many requests" : "status " + answer.status();
  }

  private String gated() {
    return name.repository()
        + " is gated: accept its licence at "
        + page()
        + ", and set HF_TOKEN to a token that may read it";
  }

  /** Hugging Face does not tell strangers whether a repository exists. */
  private String unknown() {
    return authorized
        ? name.repository() + ": the access token is not valid (401); set HF_TOKEN to a valid one"
        : name.repository()
            + " does not exist, or is not public (401): check the name, or set HF_TOKEN to a token"
            + " that may read it";
  }

  private String noAccess() {
    return name.repository()
        + " may not be read (403): see "
        + page()
        + " for its conditions, and set HF_TOKEN to a token that may read it";
  }

  private String page() {
    return endpoint + "/" + name.repository();
  }

  /** Seconds, or a date (RFC 9110, section 10.2.3); what is neither is no wish. */
  private static Duration askedWait(String text) {
    if (text.matches("\\d+")) {
      return text.length() > 8 ? FOREVER : Duration.ofSeconds(Long.parseLong(text));
    }
    try {
      Instant then = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(Instant.now(), then);
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (DateTimeException _) {
      return Duration.ZERO;
    }
  }
}
