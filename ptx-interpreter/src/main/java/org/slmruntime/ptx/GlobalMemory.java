package org.slmruntime.ptx;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * A simulated device's global memory: allocations apart from each other, so that every access
 * outside one is found, with a record of which bytes were ever written. Addresses are multiples of
 * 256, never 0, and never used again. Not thread-safe.
 */
public final class GlobalMemory {
  /** At least so far do allocations lie apart. */
  private static final int GAP = 1 << 16;

  private final long capacity;
  private final TreeMap<Long, Region> regions = new TreeMap<>();
  private final TreeMap<Long, Long> freed = new TreeMap<>();
  private long next = 1L << 32;
  private long allocated;
  private boolean tracking;
  private boolean watching;
  private int firstSegment = 1;

  public GlobalMemory(long capacityBytes) {
    this.capacity = capacityBytes;
  }

  /**
   * @throws PtxException if less than {@code bytes} are free, or more than 2 GiB are asked for
   */
  public long allocate(long bytes) {
    if (bytes > capacity - allocated) {
      throw new PtxException(
          bytes + " bytes asked for, but " + (capacity - allocated) + " are free");
    }
    Region region = reserve(bytes, false);
    allocated += bytes;
    return region.base;
  }

  /** An allocation outside the capacity, for a module's variables. */
  Region reserve(long bytes, boolean written) {
    if (bytes <= 0 || bytes > Integer.MAX_VALUE - 64) {
      throw new PtxException("an allocation of " + bytes + " bytes is not possible");
    }
    Region region = new Region(next, (int) bytes, written);
    region.loads = tracking ? new int[region.size] : null;
    region.races = watching ? new GlobalRaces(region.size) : null;
    regions.put(next, region);
    next += Math.ceilDiv(bytes + GAP, 256L) * 256;
    return region;
  }

  /**
   * @throws PtxException if no allocation begins there
   */
  public void free(long address) {
    Region region = regions.remove(address);
    if (region == null) {
      throw new PtxException("free of " + describe(address));
    }
    region.freed = true;
    freed.put(address, (long) region.size);
    allocated -= region.size;
  }

  public long capacity() {
    return capacity;
  }

  public long allocated() {
    return allocated;
  }

  /** Whether these bytes lie in one allocation that was not freed. */
  public boolean isLive(long address, long bytes) {
    Region region = find(address);
    return region != null && bytes >= 0 && bytes <= region.base + region.size - address;
  }

  /**
   * @throws PtxException if the range is not within one allocation
   */
  public void write(long address, MemorySegment from, long bytes) {
    Region region = range(address, bytes);
    int at = (int) (address - region.base);
    MemorySegment.copy(from, 0, MemorySegment.ofArray(region.bytes), at, bytes);
    markWritten(region, at, bytes);
  }

  /**
   * @throws PtxException if a byte was never written, or the range is not within one allocation
   */
  public void read(long address, MemorySegment to, long bytes) {
    Region region = range(address, bytes);
    int at = (int) (address - region.base);
    int missing = region.firstUnwritten(at, (int) bytes);
    if (missing >= 0) {
      throw new PtxException(
          "the host reads a byte never written, byte "
              + (missing - at)
              + " of "
              + bytes
              + " from "
              + describe(address));
    }
    MemorySegment.copy(MemorySegment.ofArray(region.bytes), at, to, 0, bytes);
  }

  /**
   * Copies, and with the bytes whether they were ever written.
   *
   * @throws PtxException if a range is not within one allocation
   */
  public void copy(long to, long from, long bytes) {
    Region target = range(to, bytes);
    Region source = range(from, bytes);
    int t = (int) (to - target.base);
    int s = (int) (from - source.base);
    System.arraycopy(source.bytes, s, target.bytes, t, (int) bytes);
    if (source.states == null) {
      markWritten(target, t, bytes);
    } else {
      if (target.states == null) {
        target.states = new byte[target.size];
        Arrays.fill(target.states, Region.WRITTEN);
      }
      System.arraycopy(source.states, s, target.states, t, (int) bytes);
    }
  }

  /**
   * @throws PtxException if the range is not within one allocation
   */
  public void fill(long address, byte value, long bytes) {
    Region region = range(address, bytes);
    int at = (int) (address - region.base);
    Arrays.fill(region.bytes, at, at + (int) bytes, value);
    markWritten(region, at, bytes);
  }

  private static void markWritten(Region region, int at, long bytes) {
    if (bytes == region.size) {
      region.states = null;
    } else {
      region.mark(at, (int) bytes, Region.WRITTEN);
    }
  }

  /** Counts from now on how often each byte is loaded. */
  public void trackLoads(boolean on) {
    tracking = on;
    for (Region region : regions.values()) {
      region.loads = on ? new int[region.size] : null;
    }
  }

  /**
   * Bytes of a range that kernels loaded since tracking began, each counted as often as a warp's
   * load from global memory asked for it: once per instruction, however many lanes did.
   */
  public long loadedBytes(long address, long bytes) {
    Region region = range(address, bytes);
    long sum = 0;
    int at = (int) (address - region.base);
    for (int i = 0; region.loads != null && i < bytes; i++) {
      sum += region.loads[at + i];
    }
    return sum;
  }

  /** From now on, launches look for races in it. */
  void watchRaces() {
    if (!watching) {
      watching = true;
      for (Region region : regions.values()) {
        region.races = new GlobalRaces(region.size);
      }
    }
  }

  /** The first number that the next launch's {@link Segments} may use. */
  int firstSegment() {
    return firstSegment;
  }

  void setFirstSegment(int number) {
    firstSegment = number;
  }

  /** The allocation an address lies in, null if in none. */
  Region find(long address) {
    Map.Entry<Long, Region> entry = regions.floorEntry(address);
    boolean within = entry != null && address - entry.getKey() < entry.getValue().size;
    return within ? entry.getValue() : null;
  }

  private Region range(long address, long bytes) {
    if (!isLive(address, bytes)) {
      throw new PtxException(bytes + " bytes beyond an allocation: " + describe(address));
    }
    return find(address);
  }

  /** Says what an address is near to. */
  String describe(long address) {
    String name = "address 0x" + Long.toHexString(address);
    Map.Entry<Long, Long> old = freed.floorEntry(address);
    if (old != null && address - old.getKey() < old.getValue()) {
      return name + ", in an allocation of " + old.getValue() + " bytes that was freed";
    }
    Map.Entry<Long, Region> below = regions.floorEntry(address);
    if (below != null && address - below.getKey() < below.getValue().size + GAP) {
      return name + ", " + place(address - below.getKey(), below.getValue().size);
    }
    Map.Entry<Long, Region> above = regions.higherEntry(address);
    if (above != null && above.getKey() - address < GAP) {
      return name
          + ", "
          + (above.getKey() - address)
          + " bytes before an allocation of "
          + above.getValue().size
          + " bytes";
    }
    return name + ", near no allocation";
  }

  private static String place(long offset, int size) {
    return offset < size
        ? "byte " + offset + " of an allocation of " + size + " bytes"
        : (offset - size) + " bytes after the end of an allocation of " + size + " bytes";
  }
}
