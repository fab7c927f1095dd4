package org.slmruntime.backend.spi;

import java.util.Map;

/** What probing a backend found. */
public sealed interface Availability {
  /**
   * The backend can be opened.
   *
   * @param device in words, e.g. the processor's or GPU's name
   * @param memoryBytes memory it may use
   * @param facts what else was found (vector width, driver, cores), in a fixed order
   */
  record Available(String device, long memoryBytes, Map<String, String> facts)
      implements Availability {}

  /**
   * The backend cannot be used here.
   *
   * @param reason one line: what is missing and what would help
   */
  record Unavailable(String reason) implements Availability {}
}
