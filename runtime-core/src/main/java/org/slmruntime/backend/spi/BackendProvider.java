package org.slmruntime.backend.spi;

import java.util.Map;

/**
 * The entry of a backend, found by {@link java.util.ServiceLoader}. Creating one must be cheap and
 * touch nothing that might be absent: {@link #probe()} finds out.
 */
public interface BackendProvider {
  /** The name users give to choose it, e.g. {@code cpu}. */
  String id();

  /** Higher is tried first. */
  int priority();

  /** Looks whether the backend can be used here; never throws, never caches a failure. */
  Availability probe();

  /**
   * Everything that was found, for people, in a fixed order, whether the backend can be used or
   * not. May take longer than {@link #probe()}, which finds out enough to choose; never throws.
   */
  default Map<String, String> details() {
    return probe() instanceof Availability.Available available ? available.facts() : Map.of();
  }

  /**
   * Opens it.
   *
   * @throws BackendException if it is not available, with the reason of {@link #probe()}
   */
  Backend open(BackendOptions options);
}
