package org.slmruntime.backend.spi;

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
   * Opens it.
   *
   * @throws BackendException if it is not available, with the reason of {@link #probe()}
   */
  Backend open(BackendOptions options);
}
