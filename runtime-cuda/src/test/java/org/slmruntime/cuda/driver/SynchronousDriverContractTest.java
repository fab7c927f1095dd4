package org.slmruntime.cuda.driver;

import org.slmruntime.cuda.testing.DeviceOptions;
import org.slmruntime.cuda.testing.GpuDriverContract;
import org.slmruntime.cuda.testing.InterpretedDriver;

class SynchronousDriverContractTest extends GpuDriverContract {
  @Override
  protected GpuDriver open(long seed) {
    return new SynchronousDriver(new InterpretedDriver(DeviceOptions.checked(seed)));
  }
}
