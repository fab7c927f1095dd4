package org.slmruntime.cpu;

import org.slmruntime.testkit.HostileModelConformance;

class CpuHostileModelTest extends HostileModelConformance {
  @Override
  protected String backend() {
    return "cpu";
  }
}
