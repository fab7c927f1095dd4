package org.slmruntime.cpu.matmul;

import java.lang.foreign.MemorySegment;

/**
 * Four rows times one token, decoded in registers. Gives to the bit what decoding to memory and
 * {@link DotKernels#rows4tokens1} give.
 */
@FunctionalInterface
interface FusedDot {
  void rows4(
      MemorySegment w, long offset, long rowBytes, float[] x, int columns, float[] out, int o);
}
