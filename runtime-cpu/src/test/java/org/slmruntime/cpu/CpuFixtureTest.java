package org.slmruntime.cpu;

import org.slmruntime.cpu.packed.PackedFormat;
import org.slmruntime.tensor.DType;
import org.slmruntime.testkit.SharedFixtureConformance;

class CpuFixtureTest extends SharedFixtureConformance {
  @Override
  protected String backend() {
    return "cpu";
  }

  @Override
  protected boolean roundsActivations(DType type) {
    return PackedFormat.of(type).isPresent();
  }
}
