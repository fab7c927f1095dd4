package org.slmruntime.cuda;

import org.slmruntime.testkit.HostileModelConformance;

class CudaHostileModelTest extends HostileModelConformance {
  @Override
  protected String backend() {
    return InterpretedProvider.ID;
  }
}
