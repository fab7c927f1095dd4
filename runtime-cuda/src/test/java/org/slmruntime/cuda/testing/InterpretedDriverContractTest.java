package org.slmruntime.cuda.testing;

import org.slmruntime.cuda.driver.GpuDriver;

class InterpretedDriverContractTest extends GpuDriverContract {
  @Override
  protected GpuDriver open(long seed) {
    return new InterpretedDriver(DeviceOptions.checked(seed));
  }
}
