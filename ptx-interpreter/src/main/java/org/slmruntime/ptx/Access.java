package org.slmruntime.ptx;

import java.util.Locale;

/** An instruction that reads or writes memory at an address per lane. */
abstract class Access extends Instruction {
  final Space space;

  /** Bytes of a lane, the alignment too. */
  final int bytes;

  private final int base;
  private final long offset;

  Access(Space space, int base, long offset, int bytes) {
    this(Kind.PLAIN, space, base, offset, bytes);
  }

  Access(Kind kind, Space space, int base, long offset, int bytes) {
    super(kind);
    this.space = space;
    this.base = base;
    this.offset = offset;
    this.bytes = bytes;
  }

  @Override
  final void run(Warp warp, int mask) {
    long[] at = warp.addresses;
    if (warp.wide[base] != null) {
      long[] from = warp.wide[base];
      for (int i = 0; i < 32; i++) {
        at[i] = from[i] + offset;
      }
    } else {
      int[] from = warp.narrow[base];
      for (int i = 0; i < 32; i++) {
        at[i] = (from[i] & 0xffffffffL) + offset;
      }
    }
    for (int rest = accessing(mask); rest != 0; ) {
      rest &= ~resolve(warp, rest);
    }
  }

  /** The lanes whose addresses count. */
  int accessing(int mask) {
    return mask;
  }

  /** Runs the lanes that hit the same region as the first of them; which ones these were. */
  private int resolve(Warp warp, int lanes) {
    int first = Integer.numberOfTrailingZeros(lanes);
    long[] at = warp.addresses;
    Space actual = space == Space.GENERIC ? Space.of(at[first]) : space;
    long window = space == Space.GENERIC ? at[first] & ~Space.within(at[first]) : 0;
    Region region = region(warp, actual, at[first], first);
    long start = region.base + window;
    int size = actual == Space.LOCAL ? warp.block.launch.code.localBytes() : region.size;
    int stride = actual == Space.LOCAL ? size : 0;
    int hit = 0;
    int union = 0;
    int[] offsets = warp.offsets;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      long x = at[lane] - start;
      if (x >= 0 && x <= size - bytes) {
        offsets[lane] = (int) x + lane * stride;
        union |= (int) x;
        hit |= 1 << lane;
      }
    }
    if ((hit >>> first & 1) == 0) {
      throw warp.fail(first, "out of bounds: " + bytes + " bytes at " + where(warp, actual, first));
    }
    if ((union & bytes - 1) != 0) {
      throw misaligned(warp, actual, hit);
    }
    access(warp, region, actual, hit);
    return hit;
  }

  private Region region(Warp warp, Space actual, long address, int lane) {
    Block block = warp.block;
    return switch (actual) {
      case SHARED -> block.shared;
      case LOCAL -> warp.local;
      case PARAMETER -> block.launch.parameters;
      default -> {
        Region cached = block.launch.lastRegions[index];
        if (cached != null && !cached.freed) {
          long x = address - cached.base;
          if (x >= 0 && x < cached.size) {
            yield cached;
          }
        }
        Region found = block.launch.memory.find(address);
        if (found == null) {
          throw warp.fail(
              lane, "out of bounds: " + bytes + " bytes at " + where(warp, actual, lane));
        }
        block.launch.lastRegions[index] = found;
        yield found;
      }
    };
  }

  private PtxException misaligned(Warp warp, Space actual, int lanes) {
    int lane = Integer.numberOfTrailingZeros(lanes);
    while ((warp.addresses[lane] & bytes - 1) == 0) {
      lanes &= lanes - 1;
      lane = Integer.numberOfTrailingZeros(lanes);
    }
    return warp.fail(lane, "misaligned: " + bytes + " bytes at " + where(warp, actual, lane));
  }

  /** Says where a lane's address lies. */
  static String where(Warp warp, Space actual, int lane) {
    long address = warp.addresses[lane];
    if (actual == Space.GLOBAL) {
      return warp.block.launch.memory.describe(address);
    }
    int size =
        switch (actual) {
          case SHARED -> warp.block.shared.size;
          case LOCAL -> warp.block.launch.code.localBytes();
          default -> warp.block.launch.parameters.size;
        };
    return "byte "
        + Space.within(address)
        + " of "
        + size
        + " bytes of "
        + actual.name().toLowerCase(Locale.ROOT)
        + " memory";
  }

  @Override
  boolean needsDefinedSources() {
    return true;
  }

  /** Does the access of these lanes at {@code warp.offsets} in the region. */
  abstract void access(Warp warp, Region region, Space actual, int lanes);

  /** Fails if a byte that is read was never written, or a copy to it is not waited for. */
  final void requireWritten(Warp warp, Region region, Space actual, int lanes) {
    int lane = Integer.numberOfTrailingZeros(unwritten(warp, region, actual, lanes));
    if (lane < 32) {
      throw warp.fail(lane, "never written: " + bytes + " bytes at " + where(warp, actual, lane));
    }
  }

  /**
   * Lanes that read bytes never written, 0 if there are no checks. Fails if a copy to a byte is not
   * waited for.
   */
  final int unwritten(Warp warp, Region region, Space actual, int lanes) {
    if (region.states == null || !warp.block.launch.options.checks()) {
      return 0;
    }
    int result = 0;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      if (!region.isWritten(warp.offsets[lane], bytes)) {
        if (region.isAwaited(warp.offsets[lane], bytes)) {
          throw warp.fail(
              lane,
              "read before cp.async.wait: " + bytes + " bytes at " + where(warp, actual, lane));
        }
        result |= 1 << lane;
      }
    }
    return result;
  }

  /**
   * What blocks do not write themselves must be written; of their own memory they may read more
   * than they use.
   */
  final void noteUnwritten(Warp warp, Region region, Space actual, int lanes) {
    if (actual == Space.GLOBAL) {
      requireWritten(warp, region, actual, lanes);
      return;
    }
    int undefined = unwritten(warp, region, actual, lanes);
    if (undefined != 0) {
      warp.loadUndefined(undefined, where(warp, actual, Integer.numberOfTrailingZeros(undefined)));
    }
  }

  /** Fails if a copy to a byte that is written is not waited for. */
  final void requireNotAwaited(Warp warp, Region region, Space actual, int lanes) {
    if (actual != Space.SHARED || !warp.block.launch.options.checks()) {
      return;
    }
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      if (region.isAwaited(warp.offsets[lane], bytes)) {
        throw warp.fail(
            lane,
            "written before cp.async.wait: " + bytes + " bytes at " + where(warp, actual, lane));
      }
    }
  }
}
