package org.slmruntime.cuda;

import org.slmruntime.testkit.SharedFixtureConformance;

class CudaFixtureTest extends SharedFixtureConformance {
  @Override
  protected String backend() {
    return InterpretedProvider.ID;
  }

  /** Inputs have 16 bits. */
  @Override
  protected double productLimit() {
    return 1e-4;
  }

  @Override
  protected int storyTokens() {
    return 24;
  }

  @Override
  protected int adapterCases() {
    return Boolean.getBoolean("slm.test.exhaustive") ? super.adapterCases() : 1;
  }
}
