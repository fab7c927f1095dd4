package org.slmruntime.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slmruntime.kernels.KernelSignature.Argument;
import org.slmruntime.kernels.KernelSignature.Type;
import org.slmruntime.ptx.Counters;
import org.slmruntime.ptx.Dim3;
import org.slmruntime.ptx.GlobalMemory;
import org.slmruntime.ptx.PtxMachine;
import org.slmruntime.ptx.PtxModule;
import org.slmruntime.ptx.PtxOptions;

/** Uploads arrays, launches shipped kernels by name in the interpreter, and downloads results. */
final class KernelLab implements AutoCloseable {
  private static final KernelCatalog CATALOG = KernelCatalog.load();
  private static final Map<String, PtxModule> MODULES = new ConcurrentHashMap<>();

  private final Arena arena = Arena.ofConfined();
  private final GlobalMemory memory = new GlobalMemory(1L << 30);
  private final PtxMachine machine;
  private final Map<String, PtxModule> changed = new HashMap<>();

  KernelLab(PtxOptions options) {
    machine = new PtxMachine(memory, options);
  }

  KernelLab(long seed) {
    this(PtxOptions.checked(seed));
  }

  GlobalMemory memory() {
    return memory;
  }

  /** A matrix argument. */
  record Matrix(long[] planes, int[] pitches) {}

  /** Device memory that nobody has written. */
  long allocate(long bytes) {
    return memory.allocate(bytes);
  }

  long upload(float... values) {
    return upload(MemorySegment.ofArray(values));
  }

  long upload(int... values) {
    return upload(MemorySegment.ofArray(values));
  }

  long upload(byte... values) {
    return upload(MemorySegment.ofArray(values));
  }

  long upload(short... values) {
    return upload(MemorySegment.ofArray(values));
  }

  long upload(double... values) {
    return upload(MemorySegment.ofArray(values));
  }

  private long upload(MemorySegment values) {
    long address = memory.allocate(Math.max(1, values.byteSize()));
    memory.write(address, values, values.byteSize());
    return address;
  }

  float[] floats(long address, int count) {
    float[] values = new float[count];
    memory.read(address, MemorySegment.ofArray(values), 4L * count);
    return values;
  }

  int[] ints(long address, int count) {
    int[] values = new int[count];
    memory.read(address, MemorySegment.ofArray(values), 4L * count);
    return values;
  }

  byte[] bytes(long address, int count) {
    byte[] values = new byte[count];
    memory.read(address, MemorySegment.ofArray(values), count);
    return values;
  }

  /** From now on a module is this text instead of the shipped one, to show what a fault does. */
  void replace(String module, String ptx) {
    changed.put(module, PtxModule.parse(module, ptx));
  }

  static String ptx(String module) {
    return new String(KernelCatalog.ptx(module), StandardCharsets.UTF_8);
  }

  /**
   * Launches a kernel and waits.
   *
   * @param arguments in the catalog's order: Integer, Float, Long (pointers) or {@link Matrix}
   */
  Counters launch(String entry, Dim3 grid, Dim3 block, Object... arguments) {
    KernelSignature signature = CATALOG.get(entry);
    PtxModule module =
        changed.getOrDefault(
            signature.module(),
            MODULES.computeIfAbsent(signature.module(), m -> PtxModule.parse(m, ptx(m))));
    return machine.launch(module.entry(entry), grid, block, 0, pack(signature, arguments));
  }

  private MemorySegment pack(KernelSignature signature, Object[] arguments) {
    if (arguments.length != signature.arguments().size()) {
      throw new IllegalArgumentException(
          signature.entry() + " takes " + signature.arguments() + " but got " + arguments.length);
    }
    MemorySegment packed = arena.allocate(signature.bytes(), 8);
    for (int i = 0; i < arguments.length; i++) {
      Argument argument = signature.arguments().get(i);
      Type type = argument.type();
      int at = signature.offset(argument.name(), type);
      switch (type) {
        case INT -> packed.set(ValueLayout.JAVA_INT, at, (Integer) arguments[i]);
        case FLOAT -> packed.set(ValueLayout.JAVA_FLOAT, at, (Float) arguments[i]);
        case POINTER -> packed.set(ValueLayout.JAVA_LONG, at, (Long) arguments[i]);
        case MATRIX -> put((Matrix) arguments[i], packed, at);
      }
    }
    return packed;
  }

  private static void put(Matrix matrix, MemorySegment packed, int at) {
    for (int p = 0; p < matrix.planes.length; p++) {
      packed.set(ValueLayout.JAVA_LONG, at + 8L * p, matrix.planes[p]);
      packed.set(ValueLayout.JAVA_INT, at + 32 + 4L * p, matrix.pitches[p]);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
