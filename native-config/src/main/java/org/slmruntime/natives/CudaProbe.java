package org.slmruntime.natives;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

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
   * @param devices at least one; usable or not
   */
  record Found(String library, int driverVersion, List<Device> devices) implements CudaProbe {
    public Found {
      devices = List.copyOf(devices);
    }
  }

  /**
   * @param reason one line: what was looked for, what went wrong and what would help
   */
  record Missing(String reason) implements CudaProbe {}

  /**
   * @param memoryBytes in all, free or not
   * @param freeBytes not taken by anyone, if that was asked for
   * @param computeCapability e.g. 90 for 9.0
   * @param multiprocessors number of SMs
   * @param problem why it cannot be used, in one line
   */
  record Device(
      String name,
      long memoryBytes,
      OptionalLong freeBytes,
      int computeCapability,
      int multiprocessors,
      Optional<String> problem) {
    /** For people, in one line. */
    public String told() {
      String free = freeBytes.isPresent() ? ", " + gibibytes(freeBytes.getAsLong()) + " free" : "";
      return name
          + ", compute capability "
          + capability(computeCapability)
          + ", "
          + multiprocessors
          + " SMs, "
          + gibibytes(memoryBytes)
          + free
          + problem.map(why -> "; cannot be used: " + why).orElse("");
    }

    static String capability(int capability) {
      return capability / 10 + "." + capability % 10;
    }

    private static String gibibytes(long bytes) {
      return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
    }
  }

  /** Looks now; the driver stays loaded. Never throws. */
  static CudaProbe probe() {
    return new CudaSearch(CudaSearch::load, false).probe(LIBRARIES);
  }

  /** The same with free memory, for which each usable device gets a context for a moment. */
  static CudaProbe probeMemory() {
    return new CudaSearch(CudaSearch::load, true).probe(LIBRARIES);
  }
}
