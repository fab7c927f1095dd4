package org.slmruntime.ptx;

import java.lang.foreign.MemorySegment;

/** Runs launches over one global memory. Not thread-safe. */
public final class PtxMachine {
  public PtxMachine(GlobalMemory memory, PtxOptions options) {
    throw new UnsupportedOperationException("" + memory + options);
  }

  /**
   * Runs a kernel to its end.
   *
   * @param parameters the parameter space
   * @throws PtxException with kernel, line, instruction, block, warp and lane of what went wrong
   */
  public Counters launch(
      PtxEntry entry, Dim3 grid, Dim3 block, int dynamicSharedBytes, MemorySegment parameters) {
    throw new UnsupportedOperationException(
        "" + entry + grid + block + dynamicSharedBytes + parameters);
  }
}
