package org.slmruntime.backend;

import org.slmruntime.backend.spi.Availability;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.BackendProvider;

/** Of the highest priority, and never there. */
public final class AbsentProvider implements BackendProvider {
  @Override
  public String id() {
    return "absent";
  }

  @Override
  public int priority() {
    return 1000;
  }

  @Override
  public Availability probe() {
    return new Availability.Unavailable("its device is missing");
  }

  @Override
  public Backend open(BackendOptions options) {
    throw new BackendException("its device is missing");
  }
}
