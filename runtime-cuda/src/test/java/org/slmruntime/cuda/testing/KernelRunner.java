package org.slmruntime.cuda.testing;

import java.lang.foreign.MemorySegment;
import org.slmruntime.cuda.driver.GpuDriver.Launch;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.kernels.KernelSignature;
import org.slmruntime.ptx.Dim3;
import org.slmruntime.ptx.GlobalMemory;
import org.slmruntime.ptx.PtxEntry;
import org.slmruntime.ptx.PtxMachine;

/** Turns prepared launches into work. */
final class KernelRunner {
  private final GlobalMemory memory;
  private final PtxMachine machine;
  private final LaunchLog log;
  private final Runnable beforeEach;

  /**
   * @param beforeEach run before each kernel; may fail in its place
   */
  KernelRunner(GlobalMemory memory, PtxMachine machine, LaunchLog log, Runnable beforeEach) {
    this.memory = memory;
    this.machine = machine;
    this.log = log;
    this.beforeEach = beforeEach;
  }

  record Prepared(
      String name, PtxEntry entry, Grid grid, int sharedBytes, KernelArguments arguments)
      implements Launch {}

  /** The arguments are copied now. */
  Work work(Prepared launch) {
    KernelSignature signature = launch.arguments().signature();
    long[] copy = new long[Math.ceilDiv(signature.bytes(), 8)];
    MemorySegment values = MemorySegment.ofArray(copy);
    values.copyFrom(launch.arguments().values().asSlice(0, signature.bytes()));
    return new Work() {
      @Override
      public void run() {
        beforeEach.run();
        Grid grid = launch.grid();
        Dim3 blocks = new Dim3(grid.x(), grid.y(), grid.z());
        Dim3 threads = new Dim3(grid.blockX(), grid.blockY(), grid.blockZ());
        log.ran(
            launch.name(),
            grid,
            machine.launch(launch.entry(), blocks, threads, launch.sharedBytes(), values));
      }

      @Override
      public void checkPointers() {
        LaunchChecks.checkPointers(memory, signature, values);
      }
    };
  }
}
