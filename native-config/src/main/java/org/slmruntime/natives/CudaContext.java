package org.slmruntime.natives;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A device's primary context, for what cannot be asked without one. */
final class CudaContext {
  private final CudaDriver driver;
  private final int device;
  private final MemorySegment number;
  private final MemorySegment other;

  CudaContext(CudaDriver driver, int device) {
    this.driver = driver;
    this.device = device;
    this.number = driver.arena().allocate(ValueLayout.JAVA_LONG);
    this.other = driver.arena().allocate(ValueLayout.JAVA_LONG);
  }

  /**
   * Bytes of memory that nobody has taken, the context's own not counted as free.
   *
   * @throws IllegalStateException if the context cannot be made, with the reason
   */
  long freeMemory() throws Throwable {
    String retain = "cuDevicePrimaryCtxRetain";
    CudaDriver.check(retain, (int) driver.call(retain).invokeExact(number, device));
    try {
      return freeMemory(number.get(ValueLayout.ADDRESS, 0));
    } finally {
      String release = "cuDevicePrimaryCtxRelease_v2";
      CudaDriver.check(release, (int) driver.call(release).invokeExact(device));
    }
  }

  private long freeMemory(MemorySegment context) throws Throwable {
    String push = "cuCtxPushCurrent_v2";
    CudaDriver.check(push, (int) driver.call(push).invokeExact(context));
    try {
      String info = "cuMemGetInfo_v2";
      int code = (int) driver.call(info).invokeExact(number, other);
      CudaDriver.check(info, code);
      return number.get(ValueLayout.JAVA_LONG, 0);
    } finally {
      String pop = "cuCtxPopCurrent_v2";
      CudaDriver.check(pop, (int) driver.call(pop).invokeExact(other));
    }
  }
}
