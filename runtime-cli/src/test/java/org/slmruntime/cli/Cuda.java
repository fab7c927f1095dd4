package org.slmruntime.cli;

import java.util.Optional;
import org.slmruntime.backend.Backends;
import org.slmruntime.backend.spi.Availability.Unavailable;

/** What the machine that runs the tests has of CUDA. */
final class Cuda {
  private Cuda() {}

  /** Why the backend cannot be used here; empty if it can. */
  static Optional<String> reason() {
    return Backends.probe().stream()
        .filter(probe -> probe.provider().id().equals("cuda"))
        .map(Backends.Probe::availability)
        .filter(Unavailable.class::isInstance)
        .map(availability -> ((Unavailable) availability).reason())
        .findFirst();
  }
}
