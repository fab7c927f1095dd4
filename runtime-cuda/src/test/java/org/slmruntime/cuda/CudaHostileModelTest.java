package org.slmruntime.cuda;

import org.slmruntime.testkit.HostileModelConformance;

class CudaHostileModelTest extends HostileModelConformance {
  @Override
  protected String backend() {
    return InterpretedProvider.ID;
  }

  @Override
  protected int mutants() {
    return Integer.getInteger("slm.test.mutants", 40);
  }

  /** The first model of a format has its modules parsed. */
  @Override
  protected long maxMillis() {
    return 60_000;
  }

  /** The interpreter's modules and the device's memory lie in the Java heap. */
  @Override
  protected long maxAllocated() {
    return 4L << 30;
  }
}
