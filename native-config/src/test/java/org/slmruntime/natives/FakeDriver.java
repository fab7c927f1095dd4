package org.slmruntime.natives;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Native functions with the names and signatures of the driver's, written in Java: what is called
 * through them takes the whole way of a real call.
 */
@SuppressWarnings("restricted") // Making native functions is what this class is for.
final class FakeDriver {
  static final long MEMORY = (80L << 30) + 12345;

  private final Map<String, Integer> codes = new HashMap<>();
  private final Set<String> absent = new HashSet<>();
  private int count = 1;

  /** Makes a function answer with an error. */
  FakeDriver failing(String function, int code) {
    codes.put(function, code);
    return this;
  }

  FakeDriver without(String function) {
    absent.add(function);
    return this;
  }

  FakeDriver devices(int devices) {
    count = devices;
    return this;
  }

  int init(int flags) {
    return flags == 0 ? code("cuInit") : 1;
  }

  int version(MemorySegment out) {
    out.reinterpret(4).set(ValueLayout.JAVA_INT, 0, 13020);
    return code("cuDriverGetVersion");
  }

  int count(MemorySegment out) {
    out.reinterpret(4).set(ValueLayout.JAVA_INT, 0, count);
    return code("cuDeviceGetCount");
  }

  int name(MemorySegment out, int length, int device) {
    out.reinterpret(length).setString(0, "Test GPU " + device);
    return code("cuDeviceGetName");
  }

  int memory(MemorySegment out, int device) {
    out.reinterpret(8).set(ValueLayout.JAVA_LONG, 0, MEMORY + device);
    return code("cuDeviceTotalMem_v2");
  }

  int attribute(MemorySegment out, int attribute, int device) {
    int value = attribute == 75 ? 8 + device : attribute == 76 ? 6 : -1;
    out.reinterpret(4).set(ValueLayout.JAVA_INT, 0, value);
    return code("cuDeviceGetAttribute");
  }

  private int code(String function) {
    return codes.getOrDefault(function, 0);
  }

  /** The functions as a library's symbols, for the life of the arena. */
  SymbolLookup symbols(Arena arena) {
    ValueLayout.OfInt i = ValueLayout.JAVA_INT;
    MemoryLayout p = ValueLayout.ADDRESS;
    Map<String, MemorySegment> functions =
        Map.of(
            "cuInit", stub(arena, "init", i),
            "cuDriverGetVersion", stub(arena, "version", p),
            "cuDeviceGetCount", stub(arena, "count", p),
            "cuDeviceGetName", stub(arena, "name", p, i, i),
            "cuDeviceTotalMem_v2", stub(arena, "memory", p, i),
            "cuDeviceGetAttribute", stub(arena, "attribute", p, i, i));
    return name ->
        absent.contains(name) ? Optional.empty() : Optional.ofNullable(functions.get(name));
  }

  private MemorySegment stub(Arena arena, String method, MemoryLayout... arguments) {
    FunctionDescriptor descriptor = FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments);
    MethodType type = descriptor.toMethodType();
    try {
      MethodHandle target = MethodHandles.lookup().bind(this, method, type);
      return Linker.nativeLinker().upcallStub(target, descriptor, arena);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
