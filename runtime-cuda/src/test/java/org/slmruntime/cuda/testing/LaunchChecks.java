package org.slmruntime.cuda.testing;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.slmruntime.cuda.driver.GpuException;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.kernels.KernelSignature;
import org.slmruntime.kernels.KernelSignature.Argument;
import org.slmruntime.kernels.KernelSignature.Type;
import org.slmruntime.ptx.GlobalMemory;
import org.slmruntime.ptx.PtxEntry;
import org.slmruntime.ptx.PtxException;
import org.slmruntime.ptx.PtxParameter;

/** What is looked at before a kernel runs: faults that a GPU would answer with nonsense. */
final class LaunchChecks {
  private static final int MAX_BLOCK_THREADS = 1024;
  private static final int MAX_GRID_YZ = 65535;

  /** The least that a device of compute capability 8.0 or more lets a block have. */
  private static final int MAX_SHARED_BYTES = 99 << 10;

  private LaunchChecks() {}

  /** The catalog and the PTX must agree about every argument. */
  static void checkSignature(PtxEntry entry, KernelSignature signature) {
    List<PtxParameter> parameters = entry.parameters();
    List<Argument> arguments = signature.arguments();
    boolean same = parameters.size() == arguments.size();
    for (int i = 0; same && i < arguments.size(); i++) {
      Argument argument = arguments.get(i);
      PtxParameter parameter = parameters.get(i);
      same =
          argument.offset() == parameter.offset() && argument.type().bytes() == parameter.bytes();
    }
    if (!same) {
      throw new PtxException(
          "the catalog says that "
              + entry.name()
              + " takes "
              + arguments
              + ", its PTX "
              + parameters);
    }
  }

  static void checkGrid(String name, Grid grid, PtxEntry entry, int sharedBytes) {
    boolean sizes =
        grid.x() > 0
            && within(grid.y(), MAX_GRID_YZ)
            && within(grid.z(), MAX_GRID_YZ)
            && within(grid.blockX(), MAX_BLOCK_THREADS)
            && within(grid.blockY(), MAX_BLOCK_THREADS)
            && within(grid.blockZ(), 64)
            && within(grid.blockX() * grid.blockY() * grid.blockZ(), MAX_BLOCK_THREADS);
    int shared = entry.staticSharedBytes() + sharedBytes;
    if (!sizes || sharedBytes < 0 || shared > MAX_SHARED_BYTES) {
      throw new GpuException(
          "no GPU launches "
              + name
              + " with "
              + grid
              + " and "
              + shared
              + " bytes of shared memory",
          1);
    }
  }

  private static boolean within(int size, int max) {
    return size > 0 && size <= max;
  }

  /** Every pointer must point into live memory, or be null where that is allowed. */
  static void checkPointers(GlobalMemory memory, KernelSignature signature, MemorySegment values) {
    for (Argument argument : signature.arguments()) {
      int at = argument.offset();
      if (argument.type() == Type.POINTER) {
        checkPointer(memory, signature, argument, values.get(ValueLayout.JAVA_LONG, at));
      } else if (argument.type() == Type.MATRIX) {
        checkMatrix(memory, signature, argument, values.asSlice(at, Type.MATRIX.bytes()));
      }
    }
  }

  private static void checkMatrix(
      GlobalMemory memory, KernelSignature signature, Argument argument, MemorySegment matrix) {
    for (int plane = 0; plane < Type.MATRIX_PLANES; plane++) {
      long address = matrix.get(ValueLayout.JAVA_LONG, 8L * plane);
      if (address != 0 || plane == 0) {
        checkPointer(memory, signature, argument, address);
      }
    }
  }

  private static void checkPointer(
      GlobalMemory memory, KernelSignature signature, Argument argument, long address) {
    boolean absent = address == 0 && argument.optional();
    if (!absent && !memory.isLive(address, 1)) {
      throw new PtxException(
          "argument %s of %s is %#x, which is no allocated memory"
              .formatted(argument.name(), signature.entry(), address));
    }
  }
}
