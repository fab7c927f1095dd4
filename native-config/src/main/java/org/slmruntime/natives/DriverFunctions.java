package org.slmruntime.natives;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.util.Map;

/**
 * Functions of libcuda that are called here; each returns a CUresult. The module's native-image
 * metadata lists the same signatures.
 */
final class DriverFunctions {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final AddressLayout POINTER = ValueLayout.ADDRESS;

  static final Map<String, FunctionDescriptor> ALL =
      Map.ofEntries(
          function("cuInit", INT),
          function("cuDriverGetVersion", POINTER),
          function("cuDeviceGetCount", POINTER),
          function("cuDeviceGetName", POINTER, INT, INT),
          function("cuDeviceTotalMem_v2", POINTER, INT),
          function("cuDeviceGetAttribute", POINTER, INT, INT),
          function("cuDevicePrimaryCtxRetain", POINTER, INT),
          function("cuDevicePrimaryCtxRelease_v2", INT),
          function("cuCtxPushCurrent_v2", POINTER),
          function("cuCtxPopCurrent_v2", POINTER),
          function("cuMemGetInfo_v2", POINTER, POINTER));

  private DriverFunctions() {}

  private static Map.Entry<String, FunctionDescriptor> function(
      String name, MemoryLayout... arguments) {
    return Map.entry(name, FunctionDescriptor.of(INT, arguments));
  }
}
