package org.slmruntime.ptx;

import java.util.Arrays;

/** Counts sectors of global and wavefronts of shared accesses. */
final class Traffic {
  private static final int SECTOR = 32;
  private static final int BANKS = 32;

  private Traffic() {}

  static void load(Warp warp, Region region, Space space, int lanes, int bytes) {
    Tally tally = warp.block.launch.tally;
    switch (space) {
      case GLOBAL -> {
        tally.globalLoadRequests++;
        tally.globalLoadSectors += units(warp, lanes, bytes, SECTOR);
        tally.globalLoadBytes += units(warp, lanes, bytes, 1);
        if (region.loads != null) {
          track(warp, region, lanes, bytes);
        }
      }
      case SHARED -> shared(warp, lanes, bytes);
      case LOCAL -> tally.localAccesses++;
      default -> {}
    }
  }

  static void store(Warp warp, Space space, int lanes, int bytes) {
    Tally tally = warp.block.launch.tally;
    switch (space) {
      case GLOBAL -> {
        tally.globalStoreSectors += units(warp, lanes, bytes, SECTOR);
        tally.globalStoreBytes += units(warp, lanes, bytes, 1);
      }
      case SHARED -> shared(warp, lanes, bytes);
      case LOCAL -> tally.localAccesses++;
      default -> {}
    }
  }

  /** Different units of so many bytes that the lanes touch. */
  private static long units(Warp warp, int lanes, int bytes, int unit) {
    int[] at = warp.offsets;
    long count = 0;
    long end = Long.MIN_VALUE;
    int last = Integer.MIN_VALUE;
    int shift = Integer.numberOfTrailingZeros(unit);
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int x = at[Integer.numberOfTrailingZeros(rest)];
      if (x < last) {
        return unitsUnordered(warp, lanes, bytes, shift);
      }
      last = x;
      long from = Math.max(end, x >> shift);
      long to = (x + bytes - 1 >> shift) + 1L;
      count += Math.max(0, to - from);
      end = Math.max(end, to);
    }
    return count;
  }

  private static long unitsUnordered(Warp warp, int lanes, int bytes, int shift) {
    int[] sorted = sorted(warp, lanes);
    long count = 0;
    long end = Long.MIN_VALUE;
    for (int x : sorted) {
      long to = (x + bytes - 1 >> shift) + 1L;
      count += Math.max(0, to - Math.max(end, x >> shift));
      end = Math.max(end, to);
    }
    return count;
  }

  private static int[] sorted(Warp warp, int lanes) {
    int[] sorted = new int[Integer.bitCount(lanes)];
    int n = 0;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      sorted[n++] = warp.offsets[Integer.numberOfTrailingZeros(rest)];
    }
    Arrays.sort(sorted);
    return sorted;
  }

  private static void track(Warp warp, Region region, int lanes, int bytes) {
    int end = 0;
    for (int x : sorted(warp, lanes)) {
      for (int i = Math.max(x, end); i < x + bytes; i++) {
        region.loads[i]++;
      }
      end = Math.max(end, x + bytes);
    }
  }

  /** Wide accesses are served 128 bytes at a time: half a warp of 8, a quarter of 16 bytes. */
  static void shared(Warp warp, int lanes, int bytes) {
    Tally tally = warp.block.launch.tally;
    int perPass = bytes <= 4 ? 32 : 128 / bytes;
    int ones = perPass == 32 ? -1 : (1 << perPass) - 1;
    for (int first = 0; first < 32; first += perPass) {
      int part = lanes & ones << first;
      if (part != 0) {
        pass(warp, tally, part, bytes);
      }
    }
  }

  private static void pass(Warp warp, Tally tally, int lanes, int bytes) {
    int start = warp.offsets[Integer.numberOfTrailingZeros(lanes)];
    boolean row = true;
    boolean same = true;
    int next = start;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int x = warp.offsets[Integer.numberOfTrailingZeros(rest)];
      row &= x == next;
      same &= x == start;
      next = x + bytes;
    }
    if (row || same) {
      tally.sharedWavefronts++;
      tally.sharedIdealWavefronts++;
    } else {
      conflicts(warp, tally, lanes, bytes);
    }
  }

  private static void conflicts(Warp warp, Tally tally, int lanes, int bytes) {
    int words = Math.max(1, bytes / 4);
    int[] seen = new int[32 * words];
    int distinct = 0;
    int[] perBank = new int[BANKS];
    int most = 0;
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      int first = warp.offsets[Integer.numberOfTrailingZeros(rest)] >> 2;
      for (int word = first; word < first + words; word++) {
        if (!contains(seen, distinct, word)) {
          seen[distinct++] = word;
          most = Math.max(most, ++perBank[word & BANKS - 1]);
        }
      }
    }
    tally.sharedWavefronts += most;
    tally.sharedIdealWavefronts += Math.ceilDiv(distinct, BANKS);
  }

  private static boolean contains(int[] seen, int count, int word) {
    for (int i = 0; i < count; i++) {
      if (seen[i] == word) {
        return true;
      }
    }
    return false;
  }
}
