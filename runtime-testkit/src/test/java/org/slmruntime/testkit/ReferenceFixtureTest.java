package org.slmruntime.testkit;

class ReferenceFixtureTest extends SharedFixtureConformance {
  @Override
  protected String backend() {
    return "reference";
  }
}
