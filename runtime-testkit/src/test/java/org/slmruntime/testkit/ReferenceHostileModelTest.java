package org.slmruntime.testkit;

class ReferenceHostileModelTest extends HostileModelConformance {
  @Override
  protected String backend() {
    return "reference";
  }
}
