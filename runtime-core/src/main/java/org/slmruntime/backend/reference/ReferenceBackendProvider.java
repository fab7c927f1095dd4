package org.slmruntime.backend.reference;

import java.util.Map;
import org.slmruntime.backend.spi.Availability;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.BackendProvider;

/** Always available, never preferred. */
public final class ReferenceBackendProvider implements BackendProvider {
  static final String ID = "reference";

  @Override
  public String id() {
    return ID;
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public Availability probe() {
    return new Availability.Available(
        "plain Java", Runtime.getRuntime().maxMemory(), Map.of("speed", "slow, one thread"));
  }

  @Override
  public Backend open(BackendOptions options) {
    return new ReferenceBackend();
  }
}
