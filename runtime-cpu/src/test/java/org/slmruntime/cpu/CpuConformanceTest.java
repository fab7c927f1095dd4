package org.slmruntime.cpu;

import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.testkit.BackendConformance;

class CpuConformanceTest extends BackendConformance {
  @Override
  protected Backend open() {
    return new CpuBackendProvider().open(new BackendOptions(3, 0));
  }
}
