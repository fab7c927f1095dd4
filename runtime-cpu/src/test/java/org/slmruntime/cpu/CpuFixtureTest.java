package org.slmruntime.cpu;

import org.slmruntime.testkit.SharedFixtureConformance;

class CpuFixtureTest extends SharedFixtureConformance {
  @Override
  protected String backend() {
    return "cpu";
  }
}
