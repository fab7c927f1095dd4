package org.slmruntime.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.SizeTPointer;
import org.slmruntime.cuda.driver.NativePointers.Address;
import org.slmruntime.cuda.driver.NativePointers.Table;

/** Questions to the driver that are answered with a number or a name. */
final class DeviceQueries {
  private static final int NAME_BYTES = 256;

  private DeviceQueries() {}

  /** What a device is; no context is needed. */
  static GpuInfo info(DriverStatus status, int ordinal) {
    int[] version = new int[1];
    status.check("cuDriverGetVersion", cudart.cuDriverGetVersion(version));
    int device = device(status, ordinal);
    int major = attribute(status, cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device);
    int minor = attribute(status, cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device);
    return new GpuInfo(
        ordinal,
        name(status, device),
        version[0],
        10 * major + minor,
        attribute(status, cudart.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device),
        memory(status, device));
  }

  static int device(DriverStatus status, int ordinal) {
    int[] device = new int[1];
    int code = cudart.cuDeviceGet(device, ordinal);
    if (code != 0) {
      throw status.failure("cuDeviceGet", "device " + ordinal, code);
    }
    return device[0];
  }

  private static int attribute(DriverStatus status, int attribute, int device) {
    int[] value = new int[1];
    status.check("cuDeviceGetAttribute", cudart.cuDeviceGetAttribute(value, attribute, device));
    return value[0];
  }

  private static String name(DriverStatus status, int device) {
    byte[] name = new byte[NAME_BYTES];
    status.check("cuDeviceGetName", cudart.cuDeviceGetName(name, NAME_BYTES - 1, device));
    return MemorySegment.ofArray(name).getString(0, StandardCharsets.UTF_8);
  }

  private static long memory(DriverStatus status, int device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(ValueLayout.JAVA_LONG);
      status.check("cuDeviceTotalMem", cudart.cuDeviceTotalMem(size(bytes), device));
      return bytes.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  static long freeMemory(DriverStatus status) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
      status.check("cuMemGetInfo", cudart.cuMemGetInfo(size(free), size(total)));
      return free.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  private static SizeTPointer size(MemorySegment at) {
    return new SizeTPointer(new Address().at(at));
  }

  /** The driver's name of a return code. */
  @SuppressWarnings("restricted") // The driver's names are texts that end with a zero.
  static String errorName(int code) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(ValueLayout.ADDRESS);
      boolean known = cudart.cuGetErrorName(code, new Table(name)) == 0;
      MemorySegment text = name.get(ValueLayout.ADDRESS, 0);
      return known && text.address() != 0
          ? text.reinterpret(NAME_BYTES).getString(0, StandardCharsets.US_ASCII)
          : "an unknown error";
    }
  }
}
