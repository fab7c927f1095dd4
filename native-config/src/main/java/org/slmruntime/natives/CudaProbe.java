package org.slmruntime.natives;

import java.util.List;

/**
 * Looks for the NVIDIA driver and its devices through the driver API (libcuda), without anything
 * from the CUDA toolkit.
 */
public sealed interface CudaProbe {
  /**
   * The libraries tried, in this order: the loader's own search, then where distributions put it.
   */
  List<String> LIBRARIES =
      List.of(
          "libcuda.so.1",
          "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
          "/usr/lib/aarch64-linux-gnu/libcuda.so.1",
          "/usr/lib64/libcuda.so.1",
          "/usr/lib/wsl/lib/libcuda.so.1",
          "/usr/local/nvidia/lib64/libcuda.so.1",
          "/usr/local/cuda/compat/libcuda.so.1");

  /**
   * @param driverVersion CUDA version the driver supports, e.g. 13000
   * @param devices at least one
   */
  record Found(String library, int driverVersion, List<Device> devices) implements CudaProbe {
    public Found {
      devices = List.copyOf(devices);
    }
  }

  /**
   * @param reason one line: what was looked for and what went wrong
   */
  record Missing(String reason) implements CudaProbe {}

  /**
   * @param memoryBytes in all, free or not
   * @param computeCapability e.g. 90 for 9.0
   */
  record Device(String name, long memoryBytes, int computeCapability) {}

  /** Looks now; loads the driver for the time of the call. Never throws. */
  static CudaProbe probe() {
    return new CudaSearch(CudaSearch::load).probe(LIBRARIES);
  }
}
