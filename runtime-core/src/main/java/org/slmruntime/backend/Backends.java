package org.slmruntime.backend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slmruntime.backend.reference.ReferenceBackendProvider;
import org.slmruntime.backend.spi.Availability;
import org.slmruntime.backend.spi.Availability.Available;
import org.slmruntime.backend.spi.Availability.Unavailable;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.BackendProvider;

/**
 * Probes every provider and picks the best that can do the work. A forced choice that cannot be
 * used is an error with the reason; with {@code auto} the refused ones are named in the choice's
 * explanation, so that nothing is slow in silence.
 */
public final class Backends {
  /** Picks by priority. */
  public static final String AUTO = "auto";

  /** System property that forces a backend where the caller asks for {@link #AUTO}. */
  public static final String PROPERTY = "slm.backend";

  private Backends() {}

  /** A provider and what its probe answered. */
  public record Probe(BackendProvider provider, Availability availability) {}

  /**
   * An opened backend.
   *
   * @param explanation one line: what runs, and why those of higher priority do not
   */
  public record Choice(Backend backend, String explanation) {}

  /** All providers, highest priority first; the scalar reference backend is always among them. */
  public static List<BackendProvider> providers() {
    List<BackendProvider> found = new ArrayList<>();
    found.add(new ReferenceBackendProvider());
    ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).forEach(found::add);
    found.sort(Comparator.comparingInt(BackendProvider::priority).reversed());
    return List.copyOf(found);
  }

  /** Asks every provider whether it can be used. */
  public static List<Probe> probe() {
    return providers().stream().map(p -> new Probe(p, p.probe())).toList();
  }

  /**
   * Opens the wanted backend, or with {@link #AUTO} the first that is available and accepted.
   *
   * @param wanted a provider's id or {@link #AUTO}
   * @param refusal why an opened backend cannot do the work (an unsupported operation, too little
   *     memory), or empty; asked only while there is a choice
   * @throws BackendException if the forced one is unknown or unusable
   */
  public static Choice choose(
      String wanted, BackendOptions options, Function<Backend, Optional<String>> refusal) {
    String id = wanted.equals(AUTO) ? System.getProperty(PROPERTY, AUTO) : wanted;
    return id.equals(AUTO) ? first(options, refusal) : forced(id, options);
  }

  private static Choice forced(String id, BackendOptions options) {
    for (BackendProvider provider : providers()) {
      if (provider.id().equals(id)) {
        if (provider.probe() instanceof Unavailable(String reason)) {
          throw new BackendException("backend " + id + " cannot be used: " + reason);
        }
        Backend backend = provider.open(options);
        return new Choice(backend, "backend " + backend.description());
      }
    }
    String known = providers().stream().map(BackendProvider::id).collect(Collectors.joining(", "));
    throw new BackendException("there is no backend \"" + id + "\"; known are auto, " + known);
  }

  /** A backend, or why it is none. */
  private record Opened(Backend backend, Optional<String> refused) {}

  /** Opens one and asks whether it will do; one that fails to open is refused, not an error. */
  private static Opened open(
      BackendProvider provider,
      BackendOptions options,
      Function<Backend, Optional<String>> refusal) {
    Backend backend;
    try {
      backend = provider.open(options);
    } catch (BackendException e) {
      return new Opened(null, Optional.of(e.getMessage()));
    }
    boolean taken = false;
    try {
      Optional<String> refused = refusal.apply(backend);
      taken = refused.isEmpty();
      return new Opened(backend, refused);
    } finally {
      if (!taken) {
        backend.close();
      }
    }
  }

  private static Choice first(BackendOptions options, Function<Backend, Optional<String>> refusal) {
    StringBuilder refused = new StringBuilder();
    for (Probe probe : probe()) {
      Optional<String> reason;
      switch (probe.availability()) {
        case Unavailable u -> reason = Optional.of(u.reason());
        case Available _ -> {
          Opened opened = open(probe.provider(), options, refusal);
          if (opened.refused.isEmpty()) {
            return new Choice(opened.backend, "backend " + opened.backend.description() + refused);
          }
          reason = opened.refused;
        }
      }
      refused.append("; not ").append(probe.provider().id()).append(": ").append(reason.get());
    }
    throw new BackendException("no backend can run this" + refused);
  }
}
