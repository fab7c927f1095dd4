package org.slmruntime.kernels;

import org.slmruntime.tensor.DType;

/** How a layer's keys or values lie on the device; the README of this module describes it. */
public final class CacheLayout {
  private static final int ALIGNMENT = 16;

  private CacheLayout() {}

  /** Bytes of a chunk: the rows of one head in one block. */
  public static long chunkBytes(DType type, int size, int blockTokens) {
    long row =
        switch (type) {
          case F32, F16 -> aligned(type.blockBytes() * (long) size);
          default -> Math.ceilDiv(size, type.blockElements()) * (long) type.blockBytes();
        };
    return aligned(Math.multiplyExact(row, blockTokens));
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, (long) ALIGNMENT) * ALIGNMENT;
  }
}
