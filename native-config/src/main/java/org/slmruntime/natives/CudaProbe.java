package org.slmruntime.natives;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks for the NVIDIA driver and its devices through the driver API (libcuda), without anything
 * from the CUDA toolkit.
 */
@SuppressWarnings("restricted") // Calling the driver is what this class is for.
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
   */
  record Found(String library, int driverVersion, List<Device> devices) implements CudaProbe {}

  record Missing(String reason) implements CudaProbe {}

  /**
   * @param computeCapability e.g. 90 for 9.0
   */
  record Device(String name, long memoryBytes, int computeCapability) {}

  /** Looks now. */
  static CudaProbe probe() {
    try (Arena arena = Arena.ofConfined()) {
      for (String library : LIBRARIES) {
        SymbolLookup symbols = open(library, arena);
        if (symbols != null) {
          return new Driver(library, symbols, arena).devices();
        }
      }
      return new Missing(
          "no NVIDIA driver: libcuda.so.1 was not found by the loader nor in "
              + String.join(", ", LIBRARIES.subList(1, LIBRARIES.size())));
    }
  }

  private static SymbolLookup open(String library, Arena arena) {
    try {
      return SymbolLookup.libraryLookup(library, arena);
    } catch (IllegalArgumentException | IllegalCallerException _) {
      return null;
    }
  }

  /** Calls of the driver API with their return codes checked. */
  final class Driver {
    private static final int MAJOR = 75;
    private static final int MINOR = 76;

    private final String library;
    private final SymbolLookup symbols;
    private final Arena arena;

    private Driver(String library, SymbolLookup symbols, Arena arena) {
      this.library = library;
      this.symbols = symbols;
      this.arena = arena;
    }

    private CudaProbe devices() {
      try {
        check("cuInit", (int) call("cuInit", ValueLayout.JAVA_INT).invokeExact(0));
        MemorySegment number = arena.allocate(ValueLayout.JAVA_LONG);
        check(
            "cuDriverGetVersion",
            (int) call("cuDriverGetVersion", ValueLayout.ADDRESS).invokeExact(number));
        int version = number.get(ValueLayout.JAVA_INT, 0);
        check(
            "cuDeviceGetCount",
            (int) call("cuDeviceGetCount", ValueLayout.ADDRESS).invokeExact(number));
        int count = number.get(ValueLayout.JAVA_INT, 0);
        List<Device> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          devices.add(device(i, number));
        }
        return devices.isEmpty()
            ? new Missing(library + " is there but reports no device")
            : new Found(library, version, List.copyOf(devices));
      } catch (Throwable e) {
        return new Missing(library + " is there but cannot be used: " + e.getMessage());
      }
    }

    private Device device(int index, MemorySegment number) throws Throwable {
      MemorySegment name = arena.allocate(256);
      check(
          "cuDeviceGetName",
          (int)
              call(
                      "cuDeviceGetName",
                      ValueLayout.ADDRESS,
                      ValueLayout.JAVA_INT,
                      ValueLayout.JAVA_INT)
                  .invokeExact(name, 255, index));
      check(
          "cuDeviceTotalMem",
          (int)
              call("cuDeviceTotalMem_v2", ValueLayout.ADDRESS, ValueLayout.JAVA_INT)
                  .invokeExact(number, index));
      long memory = number.get(ValueLayout.JAVA_LONG, 0);
      int capability = 10 * attribute(MAJOR, index, number) + attribute(MINOR, index, number);
      return new Device(name.getString(0, StandardCharsets.UTF_8), memory, capability);
    }

    private int attribute(int attribute, int index, MemorySegment number) throws Throwable {
      check(
          "cuDeviceGetAttribute",
          (int)
              call(
                      "cuDeviceGetAttribute",
                      ValueLayout.ADDRESS,
                      ValueLayout.JAVA_INT,
                      ValueLayout.JAVA_INT)
                  .invokeExact(number, attribute, index));
      return number.get(ValueLayout.JAVA_INT, 0);
    }

    private MethodHandle call(String function, MemoryLayout... arguments) {
      MemorySegment address =
          symbols
              .find(function)
              .orElseThrow(() -> new IllegalStateException(function + " is missing"));
      return Linker.nativeLinker()
          .downcallHandle(address, FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
    }

    private static void check(String function, int code) {
      if (code != 0) {
        throw new IllegalStateException(function + " returned error " + code);
      }
    }
  }
}
