package org.slmruntime.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.IntPointer;
import org.slmruntime.cuda.driver.NativePointers.Address;
import org.slmruntime.cuda.driver.NativePointers.Function;
import org.slmruntime.cuda.driver.NativePointers.Module;
import org.slmruntime.cuda.driver.NativePointers.Table;

/** Has the driver compile PTX, and keeps what its compiler says. */
final class ModuleLoader {
  private static final int LOG_BYTES = 8192;
  private static final int[] OPTIONS = {
    cudart.CU_JIT_ERROR_LOG_BUFFER, cudart.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES
  };

  private final DriverStatus status;

  ModuleLoader(DriverStatus status) {
    this.status = status;
  }

  /** Returns the module's handle. */
  long load(String name, byte[] ptx) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(ptx.length + 1L); // The terminating zero.
      MemorySegment.copy(ptx, 0, text, ValueLayout.JAVA_BYTE, 0, ptx.length);
      MemorySegment log = arena.allocate(LOG_BYTES + 1L);
      MemorySegment values =
          arena.allocateFrom(ValueLayout.JAVA_LONG, log.address(), (long) LOG_BYTES);
      MemorySegment options = arena.allocateFrom(ValueLayout.JAVA_INT, OPTIONS);
      Module module = new Module();
      int code =
          cudart.cuModuleLoadDataEx(
              module,
              new Address().at(text),
              OPTIONS.length,
              new IntPointer(new Address().at(options)),
              new Table(values));
      if (code != 0) {
        String said = log.getString(0, StandardCharsets.UTF_8).strip();
        String detail = "module " + name + (said.isEmpty() ? "" : ": " + said);
        throw status.failure("cuModuleLoadDataEx", detail, code);
      }
      return module.address();
    }
  }

  /** Returns a function's handle; its code is on the device then, as graphs want it. */
  long function(long module, String entry) {
    Function function = new Function();
    int code = cudart.cuModuleGetFunction(function, new Module().at(module), entry);
    if (code != 0) {
      throw status.failure("cuModuleGetFunction", "kernel " + entry, code);
    }
    // With lazy loading, which is the default, asking for an attribute is what loads the code.
    status.check(
        "cuFuncGetAttribute",
        cudart.cuFuncGetAttribute(new int[1], cudart.CU_FUNC_ATTRIBUTE_NUM_REGS, function));
    return function.address();
  }
}
