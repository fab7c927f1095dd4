package org.slmruntime.gpuparity;

import org.slmruntime.testkit.HostileModelConformance;

/** Harmed model files on the real driver. */
public final class GpuHostileModels extends HostileModelConformance {
  @Override
  protected String backend() {
    return "cuda";
  }
}
