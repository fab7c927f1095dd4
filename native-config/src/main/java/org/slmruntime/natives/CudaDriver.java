package org.slmruntime.natives;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Calls of a loaded driver with their return codes checked. Used by the arena's thread. */
@SuppressWarnings("restricted") // Calling the driver is what this class is for.
final class CudaDriver {
  /** CUdevice_attribute. */
  private static final int MULTIPROCESSORS = 16;

  private static final int COMPUTE_MODE = 20;
  private static final int MAJOR = 75;
  private static final int MINOR = 76;

  /** CUcomputemode. */
  private static final int PROHIBITED = 2;

  /** The kernels are compiled for this compute capability. */
  private static final int OLDEST = 80;

  private static final int NAME_BYTES = 256;
  private static final int MAX_DEVICES = 1024;

  private final String library;
  private final SymbolLookup symbols;
  private final Arena arena;
  private final boolean memory;

  /** Where calls leave a number: an int or a size. */
  private final MemorySegment number;

  CudaDriver(String library, SymbolLookup symbols, Arena arena, boolean memory) {
    this.library = library;
    this.symbols = symbols;
    this.arena = arena;
    this.memory = memory;
    this.number = arena.allocate(ValueLayout.JAVA_LONG);
  }

  /** Memory that lives as long as this. */
  Arena arena() {
    return arena;
  }

  /** Never throws: a driver that misbehaves is a reason like any other. */
  CudaProbe probe() {
    try {
      return devices();
    } catch (Throwable e) {
      String problem = e.getMessage() == null ? e.toString() : e.getMessage();
      return new CudaProbe.Missing(library + " is there but cannot be used: " + problem);
    }
  }

  private CudaProbe devices() throws Throwable {
    check("cuInit", (int) call("cuInit").invokeExact(0));
    int version = intFrom("cuDriverGetVersion");
    int count = intFrom("cuDeviceGetCount");
    if (count < 1 || count > MAX_DEVICES) {
      return new CudaProbe.Missing(library + " is there but reports " + count + " devices");
    }
    List<CudaProbe.Device> devices = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      devices.add(device(i));
    }
    return new CudaProbe.Found(library, version, devices);
  }

  private CudaProbe.Device device(int index) throws Throwable {
    int capability = 10 * attribute(MAJOR, index) + attribute(MINOR, index);
    Optional<String> problem = problem(index, capability);
    OptionalLong free = OptionalLong.empty();
    if (memory && problem.isEmpty()) {
      try {
        free = OptionalLong.of(new CudaContext(this, index).freeMemory());
      } catch (IllegalStateException e) {
        problem = Optional.of(e.getMessage());
      }
    }
    return new CudaProbe.Device(
        name(index), memory(index), free, capability, attribute(MULTIPROCESSORS, index), problem);
  }

  private Optional<String> problem(int index, int capability) throws Throwable {
    if (capability < OLDEST) {
      return Optional.of(
          "its compute capability "
              + CudaProbe.Device.capability(capability)
              + " is below "
              + CudaProbe.Device.capability(OLDEST)
              + ", which the kernels need");
    }
    if (attribute(COMPUTE_MODE, index) == PROHIBITED) {
      return Optional.of(
          "its compute mode prohibits it; nvidia-smi -i " + index + " -c DEFAULT allows it");
    }
    return Optional.empty();
  }

  private int intFrom(String function) throws Throwable {
    check(function, (int) call(function).invokeExact(number));
    return number.get(ValueLayout.JAVA_INT, 0);
  }

  private String name(int index) throws Throwable {
    MemorySegment name = arena.allocate(NAME_BYTES);
    MethodHandle get = call("cuDeviceGetName");
    check("cuDeviceGetName", (int) get.invokeExact(name, NAME_BYTES - 1, index));
    return name.getString(0, StandardCharsets.UTF_8);
  }

  private long memory(int index) throws Throwable {
    MethodHandle get = call("cuDeviceTotalMem_v2");
    check("cuDeviceTotalMem_v2", (int) get.invokeExact(number, index));
    return number.get(ValueLayout.JAVA_LONG, 0);
  }

  private int attribute(int attribute, int index) throws Throwable {
    MethodHandle get = call("cuDeviceGetAttribute");
    check("cuDeviceGetAttribute", (int) get.invokeExact(number, attribute, index));
    return number.get(ValueLayout.JAVA_INT, 0);
  }

  /** One of {@link DriverFunctions}. */
  MethodHandle call(String function) {
    MemorySegment address =
        symbols
            .find(function)
            .orElseThrow(() -> new IllegalStateException("it has no function " + function));
    return Linker.nativeLinker().downcallHandle(address, DriverFunctions.ALL.get(function));
  }

  static void check(String function, int code) {
    if (code != 0) {
      throw new IllegalStateException(
          function + " returned error " + code + " (" + meaning(code) + ")");
    }
  }

  /** What a CUresult means for someone who wants to get it working. */
  static String meaning(int code) {
    return switch (code) {
      case 1 -> "an argument is invalid";
      case 2 -> "out of memory";
      case 3 -> "the driver is not initialized";
      case 4 -> "the driver is shutting down";
      case 34 -> "this is the toolkit's stub library, not the driver";
      case 46 -> "the device is unavailable, perhaps used exclusively";
      case 100 -> "no NVIDIA device, or none visible to this process";
      case 101 -> "there is no such device";
      case 304 -> "an operating system call failed";
      case 800 -> "not permitted";
      case 802 -> "the system is not ready, perhaps a service is not started";
      case 803 -> "the driver's library and kernel module have different versions";
      case 804 -> "the compatibility library does not support this device";
      case 999 -> "unknown failure, perhaps the kernel module is not loaded";
      default -> "see CUresult in NVIDIA's driver API documentation";
    };
  }
}
