package org.slmruntime.natives;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
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
  static final long FREE = (79L << 30) + 54321;
  private static final long CONTEXT = 0x7000;

  /** The method here that stands in for a function. */
  private static final Map<String, String> METHODS =
      Map.ofEntries(
          Map.entry("cuInit", "init"),
          Map.entry("cuDriverGetVersion", "version"),
          Map.entry("cuDeviceGetCount", "count"),
          Map.entry("cuDeviceGetName", "name"),
          Map.entry("cuDeviceTotalMem_v2", "memory"),
          Map.entry("cuDeviceGetAttribute", "attribute"),
          Map.entry("cuDevicePrimaryCtxRetain", "retain"),
          Map.entry("cuDevicePrimaryCtxRelease_v2", "release"),
          Map.entry("cuCtxPushCurrent_v2", "push"),
          Map.entry("cuCtxPopCurrent_v2", "pop"),
          Map.entry("cuMemGetInfo_v2", "info"));

  private final Map<String, Integer> codes = new HashMap<>();
  private final Set<String> absent = new HashSet<>();
  private final Map<Integer, Integer> attributes = new HashMap<>();
  private int count = 1;

  /** Contexts that are retained and not released, and that are current. */
  int retained;

  int pushed;

  /** Makes a function answer with an error. */
  FakeDriver failing(String function, int code) {
    codes.put(function, code);
    return this;
  }

  /** Gives an attribute of all devices a value. */
  FakeDriver attribute(int attribute, int value) {
    attributes.put(attribute, value);
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
    int usual =
        switch (attribute) {
          case 16 -> 100 + device;
          case 20 -> 0;
          case 75 -> 8 + device;
          case 76 -> 6;
          default -> -1;
        };
    int value = attributes.getOrDefault(attribute, usual);
    out.reinterpret(4).set(ValueLayout.JAVA_INT, 0, value);
    return code("cuDeviceGetAttribute");
  }

  int retain(MemorySegment out, int device) {
    int code = code("cuDevicePrimaryCtxRetain");
    if (code == 0) {
      retained++;
      out.reinterpret(8).set(ValueLayout.JAVA_LONG, 0, CONTEXT + device);
    }
    return code;
  }

  int release(int device) {
    retained--;
    return code("cuDevicePrimaryCtxRelease_v2");
  }

  int push(MemorySegment context) {
    boolean known = context.address() >= CONTEXT && context.address() < CONTEXT + count;
    int code = known ? code("cuCtxPushCurrent_v2") : 201;
    pushed += code == 0 ? 1 : 0;
    return code;
  }

  int pop(MemorySegment out) {
    pushed--;
    return code("cuCtxPopCurrent_v2");
  }

  int info(MemorySegment free, MemorySegment total) {
    free.reinterpret(8).set(ValueLayout.JAVA_LONG, 0, FREE);
    total.reinterpret(8).set(ValueLayout.JAVA_LONG, 0, MEMORY);
    return pushed == 1 ? code("cuMemGetInfo_v2") : 201;
  }

  private int code(String function) {
    return codes.getOrDefault(function, 0);
  }

  /** The functions as a library's symbols, for the life of the arena. */
  SymbolLookup symbols(Arena arena) {
    Map<String, MemorySegment> functions = new HashMap<>();
    METHODS.forEach((function, method) -> functions.put(function, stub(arena, function, method)));
    return name ->
        absent.contains(name) ? Optional.empty() : Optional.ofNullable(functions.get(name));
  }

  private MemorySegment stub(Arena arena, String function, String method) {
    FunctionDescriptor descriptor = DriverFunctions.ALL.get(function);
    MethodType type = descriptor.toMethodType();
    try {
      MethodHandle target = MethodHandles.lookup().bind(this, method, type);
      return Linker.nativeLinker().upcallStub(target, descriptor, arena);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
