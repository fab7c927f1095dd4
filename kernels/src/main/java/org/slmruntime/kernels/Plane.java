package org.slmruntime.kernels;

import java.lang.foreign.MemorySegment;

/**
 * A plane of a format on the device.
 *
 * @param blockBytes what each stored block contributes to a row
 */
record Plane(int blockBytes, Packer packer) {
  /** Lays consecutive blocks out; called once per row, so the loop over blocks is the packer's. */
  @FunctionalInterface
  interface Packer {
    /** Reads {@code blocks} blocks from {@code from} on, writes their bytes from {@code to} on. */
    void pack(MemorySegment stored, long from, int blocks, MemorySegment out, long to);
  }
}
