package org.slmruntime.testkit;

import org.slmruntime.backend.reference.ReferenceBackendProvider;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendOptions;

/** The oracle keeps its own promises: batch invariance, refusals, observers. */
class ReferenceConformanceTest extends BackendConformance {
  @Override
  protected Backend open() {
    return new ReferenceBackendProvider().open(BackendOptions.defaults());
  }
}
