package org.slmruntime.ptx;

import java.lang.foreign.MemorySegment;

/**
 * A simulated device's global memory: allocations apart from each other, so that every access
 * outside one is found, with a record of which bytes were ever written. Addresses are multiples of
 * 256, never 0, and never used again.
 */
public final class GlobalMemory {
  public GlobalMemory(long capacityBytes) {
    throw new UnsupportedOperationException("" + capacityBytes);
  }

  /**
   * @throws PtxException if less than {@code bytes} are free
   */
  public long allocate(long bytes) {
    throw new UnsupportedOperationException("" + bytes);
  }

  public void free(long address) {
    throw new UnsupportedOperationException("" + address);
  }

  public long capacity() {
    throw new UnsupportedOperationException();
  }

  public long allocated() {
    throw new UnsupportedOperationException();
  }

  /** Whether these bytes lie in one allocation that was not freed. */
  public boolean isLive(long address, long bytes) {
    throw new UnsupportedOperationException("" + address + bytes);
  }

  public void write(long address, MemorySegment from, long bytes) {
    throw new UnsupportedOperationException("" + address + from + bytes);
  }

  /**
   * @throws PtxException if a byte was never written
   */
  public void read(long address, MemorySegment to, long bytes) {
    throw new UnsupportedOperationException("" + address + to + bytes);
  }

  /** Copies, and with the bytes whether they were ever written. */
  public void copy(long to, long from, long bytes) {
    throw new UnsupportedOperationException("" + to + from + bytes);
  }

  public void fill(long address, byte value, long bytes) {
    throw new UnsupportedOperationException("" + address + value + bytes);
  }

  /** Counts from now on how often each byte is loaded. */
  public void trackLoads(boolean on) {
    throw new UnsupportedOperationException("" + on);
  }

  /**
   * Bytes of a range that kernels loaded since tracking began, each counted as often as a block
   * loaded it from global memory.
   */
  public long loadedBytes(long address, long bytes) {
    throw new UnsupportedOperationException("" + address + bytes);
  }
}
