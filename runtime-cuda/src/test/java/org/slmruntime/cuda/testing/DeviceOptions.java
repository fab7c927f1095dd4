package org.slmruntime.cuda.testing;

import org.slmruntime.ptx.PtxOptions;

/**
 * What device to pretend.
 *
 * @param seed of when queued work runs
 * @param ptx how kernels are interpreted
 * @param gemm whether there is a library for matrix products
 */
public record DeviceOptions(
    long seed,
    PtxOptions ptx,
    long memoryBytes,
    int computeCapability,
    int multiprocessors,
    boolean gemm) {
  /** A device that checks everything. */
  public static DeviceOptions checked(long seed) {
    return new DeviceOptions(seed, PtxOptions.checked(seed), 1L << 30, 80, 4, true);
  }

  /** Kernels run without checks; work is still queued at random. */
  public static DeviceOptions fast(long seed) {
    return new DeviceOptions(seed, PtxOptions.fast(), 1L << 30, 80, 4, true);
  }

  public DeviceOptions withPtx(PtxOptions options) {
    return new DeviceOptions(seed, options, memoryBytes, computeCapability, multiprocessors, gemm);
  }

  public DeviceOptions withMemory(long bytes) {
    return new DeviceOptions(seed, ptx, bytes, computeCapability, multiprocessors, gemm);
  }

  public DeviceOptions withComputeCapability(int capability) {
    return new DeviceOptions(seed, ptx, memoryBytes, capability, multiprocessors, gemm);
  }

  public DeviceOptions withMultiprocessors(int count) {
    return new DeviceOptions(seed, ptx, memoryBytes, computeCapability, count, gemm);
  }

  public DeviceOptions withoutGemm() {
    return new DeviceOptions(seed, ptx, memoryBytes, computeCapability, multiprocessors, false);
  }
}
