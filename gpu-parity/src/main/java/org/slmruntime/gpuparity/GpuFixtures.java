package org.slmruntime.gpuparity;

import org.slmruntime.testkit.SharedFixtureConformance;

/** Recorded answers of other implementations, where they are at hand, on the real driver. */
public final class GpuFixtures extends SharedFixtureConformance {
  @Override
  protected String backend() {
    return "cuda";
  }

  /** Inputs have 16 bits. */
  @Override
  protected double productLimit() {
    return 1e-4;
  }
}
