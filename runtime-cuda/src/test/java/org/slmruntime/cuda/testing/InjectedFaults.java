package org.slmruntime.cuda.testing;

/** Counts down to failures that a test wants. */
final class InjectedFaults {
  private int untilAllocation;
  private int untilKernel;

  void failAllocation(int nth) {
    untilAllocation = nth;
  }

  void failKernel(int nth) {
    untilKernel = nth;
  }

  boolean allocationFails() {
    return untilAllocation > 0 && --untilAllocation == 0;
  }

  boolean kernelFails() {
    return untilKernel > 0 && --untilKernel == 0;
  }
}
