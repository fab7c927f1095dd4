package org.slmruntime.cuda.driver;

import org.bytedeco.cuda.global.cudart;
import org.slmruntime.cuda.driver.NativePointers.Context;

/** A device's primary context, which cuBLAS shares. */
final class PrimaryContext {
  private final DriverStatus status;
  private final int device;
  private final Context context = new Context();

  PrimaryContext(DriverStatus status, int device) {
    this.status = status;
    this.device = device;
    status.check("cuDevicePrimaryCtxRetain", cudart.cuDevicePrimaryCtxRetain(context, device));
  }

  void makeCurrent() {
    status.check("cuCtxSetCurrent", cudart.cuCtxSetCurrent(context));
  }

  /** Waits for everything that was queued; false if that showed that the context is lost. */
  boolean drain() {
    try {
      status.ready();
      makeCurrent();
      status.check("cuCtxSynchronize", cudart.cuCtxSynchronize());
      return true;
    } catch (GpuException _) {
      return false;
    }
  }

  /** The code does not matter: there is nothing left to do. */
  void release() {
    cudart.cuCtxSetCurrent(null);
    cudart.cuDevicePrimaryCtxRelease(device);
  }
}
