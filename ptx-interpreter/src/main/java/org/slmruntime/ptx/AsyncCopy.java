package org.slmruntime.ptx;

/**
 * cp.async. With checks the bytes arrive when they are waited for, and nobody may touch them
 * before; without, they arrive at once.
 */
final class AsyncCopy extends Instruction {
  private final Operands.Location to;
  private final Operands.Location from;
  private final int bytes;
  private final int size;
  private final int ignore;

  /**
   * @param size slot with the bytes to read, the others becoming zero; -1: all
   * @param ignore predicate that says to read nothing; -1: none
   */
  AsyncCopy(Operands.Location to, Operands.Location from, int bytes, int size, int ignore) {
    this.to = to;
    this.from = from;
    this.bytes = bytes;
    this.size = size;
    this.ignore = ignore;
  }

  @Override
  boolean needsDefinedSources() {
    return true;
  }

  @Override
  void run(Warp warp, int mask) {
    int reading = 0;
    Region source = null;
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      byte[] data = new byte[bytes];
      int count = count(warp, lane);
      if (count > 0) {
        source = read(warp, lane, count, data);
        reading |= 1 << lane;
      }
      write(warp, lane, data);
    }
    if (source != null) {
      Traffic.load(warp, source, Space.GLOBAL, reading, bytes);
    }
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      warp.offsets[lane] = (int) target(warp, lane);
    }
    Traffic.store(warp, Space.SHARED, mask, bytes);
  }

  private int count(Warp warp, int lane) {
    if (ignore >= 0 && (warp.predicates[ignore] >>> lane & 1) != 0) {
      return 0;
    }
    int count = size < 0 ? bytes : (int) warp.get(size, lane);
    if (count < 0 || count > bytes) {
      throw warp.fail(lane, count + " bytes to read, but " + bytes + " to write");
    }
    return count;
  }

  private Region read(Warp warp, int lane, int count, byte[] data) {
    long address = warp.get(from.base(), lane) + from.offset();
    Launch launch = warp.block.launch;
    warp.addresses[lane] = address;
    Region region = launch.lastRegions[index];
    if (region == null || region.freed || !contains(region, address)) {
      region = launch.memory.find(address);
      launch.lastRegions[index] = region;
    }
    if (region == null || address - region.base > region.size - count) {
      throw warp.fail(lane, "out of bounds: " + count + " bytes at " + where(warp, lane));
    }
    if ((address & bytes - 1) != 0) {
      throw warp.fail(lane, "misaligned: " + bytes + " bytes at " + where(warp, lane));
    }
    int at = (int) (address - region.base);
    if (launch.options.checks() && region.firstUnwritten(at, count) >= 0) {
      throw warp.fail(lane, "never written: " + count + " bytes at " + where(warp, lane));
    }
    if (region.races != null) {
      region.races.read(warp, lane, at, count, false);
    }
    System.arraycopy(region.bytes, at, data, 0, count);
    warp.offsets[lane] = at;
    return region;
  }

  private static boolean contains(Region region, long address) {
    return address >= region.base && address - region.base < region.size;
  }

  private static String where(Warp warp, int lane) {
    return Access.where(warp, Space.GLOBAL, lane);
  }

  private long target(Warp warp, int lane) {
    return warp.get(to.base(), lane) + to.offset();
  }

  private void write(Warp warp, int lane, byte[] data) {
    Region shared = warp.block.shared;
    long at = target(warp, lane);
    if (at < 0 || at > shared.size - bytes) {
      throw warp.fail(
          lane,
          "out of bounds: writes byte " + at + " of " + shared.size + " bytes of shared memory");
    }
    if ((at & bytes - 1) != 0) {
      throw warp.fail(lane, "misaligned: " + bytes + " bytes at " + at + " of shared memory");
    }
    if (!warp.block.launch.options.checks()) {
      System.arraycopy(data, 0, shared.bytes, (int) at, bytes);
      shared.mark((int) at, bytes, Region.WRITTEN);
      return;
    }
    if (shared.isAwaited((int) at, bytes)) {
      throw warp.fail(lane, "written before cp.async.wait: byte " + at + " of shared memory");
    }
    shared.races.write(warp, lane, (int) at, bytes, false, false);
    shared.mark((int) at, bytes, Region.AWAITED);
    warp.async.start(lane, (int) at, data);
  }
}
