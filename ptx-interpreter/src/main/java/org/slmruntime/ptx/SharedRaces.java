package org.slmruntime.ptx;

/**
 * Races in a block's shared memory. For each word it keeps the last write and two reads: the last
 * one, and one of another warp that was not ordered with it.
 *
 * <p>Accesses of one warp are ordered when no lane of it was elsewhere at either of them, or when
 * the warp synchronized in between: hardware does not promise that lanes meet again by themselves.
 */
final class SharedRaces implements Races {
  // An access: clock 24 bits, line 24 bits, warp 5, lane 5, bytes of the word 4, flags 2.
  private static final long DIVERGED = 1;
  private static final long STRONG = 2;
  private static final int BYTES = 2;
  private static final long ALL_BYTES = 15L << BYTES;
  private static final int LANE = 6;
  private static final int WARP = 11;
  private static final int LINE = 16;
  private static final int CLOCK = 40;

  private final int size;

  /** Entries are per word; per byte, once warps wrote parts of a word with nothing in between. */
  private int shift = 2;

  private long[] writes;
  private long[] reads;
  private long[] otherReads;

  SharedRaces(int bytes) {
    size = bytes;
    int words = Math.ceilDiv(bytes, 4);
    writes = new long[words];
    reads = new long[words];
    otherReads = new long[words];
  }

  private static long access(Warp warp, int lane, boolean strong) {
    return (long) warp.clock << CLOCK
        | (long) (warp.line() & 0xffffff) << LINE
        | (long) warp.index << WARP
        | (long) lane << LANE
        | (strong ? STRONG : 0)
        | (warp.isDiverged() ? DIVERGED : 0);
  }

  /** The bytes of an entry that lie in a range, as four bits. */
  private long bytes(int at, int count) {
    boolean all = count >= 4 || shift == 0;
    return (all ? 15L : (1L << count) - 1 << (at & 3)) << BYTES;
  }

  @Override
  public void read(Warp warp, int lane, int at, int count, boolean strong) {
    long access = access(warp, lane, strong) | bytes(at, count);
    for (int i = at >> shift; i <= at + count - 1 >> shift; i++) {
      if (conflict(writes[i], access, warp)) {
        throw race(warp, lane, i, "reads what", writes[i], "wrote");
      }
      long last = reads[i];
      if (mixesLanes(last, access)) {
        narrow();
        read(warp, lane, at, count, strong);
        return;
      }
      if (isSameTime(last, access)) {
        reads[i] = access | last & (ALL_BYTES | DIVERGED);
      } else {
        if (last != 0 && !ordered(last, access, warp)) {
          otherReads[i] = last;
        }
        reads[i] = access;
      }
    }
  }

  @Override
  public void write(Warp warp, int lane, int at, int count, boolean strong, boolean same) {
    long access = access(warp, lane, strong) | bytes(at, count);
    for (int i = at >> shift; i <= at + count - 1 >> shift; i++) {
      long last = writes[i];
      if (!same && conflict(last, access, warp)) {
        throw race(warp, lane, i, "writes what", last, "wrote");
      }
      if (conflict(reads[i], access, warp)) {
        throw race(warp, lane, i, "writes what", reads[i], "read");
      }
      if (conflict(otherReads[i], access, warp)) {
        throw race(warp, lane, i, "writes what", otherReads[i], "read");
      }
      if (mixesLanes(last, access)) {
        narrow();
        write(warp, lane, at, count, strong, same);
        return;
      }
      if (isSameTime(last, access)) {
        writes[i] = access | last & (ALL_BYTES | DIVERGED);
      } else if (shift != 0 && conflict(last | ALL_BYTES, access, warp) && last != 0) {
        narrow();
        write(warp, lane, at, count, strong, same);
        return;
      } else {
        writes[i] = access;
      }
    }
  }

  /** Whether two accesses are of one warp with no synchronization in between. */
  private static boolean isSameTime(long a, long b) {
    return a >>> CLOCK == b >>> CLOCK && (a >>> WARP & 31) == (b >>> WARP & 31) && a != 0;
  }

  /** Whether lanes apart from each other use parts of one word. */
  private boolean mixesLanes(long last, long access) {
    return shift != 0
        && (last & ALL_BYTES) != (access & ALL_BYTES)
        && (last >>> LANE & 31) != (access >>> LANE & 31)
        && ((last | access) & DIVERGED) != 0
        && isSameTime(last, access);
  }

  private void narrow() {
    shift = 0;
    writes = perByte(writes);
    reads = perByte(reads);
    otherReads = perByte(otherReads);
  }

  private long[] perByte(long[] perWord) {
    long[] result = new long[size];
    for (int i = 0; i < size; i++) {
      long entry = perWord[i >> 2];
      result[i] = (entry >>> BYTES + (i & 3) & 1) != 0 ? entry | ALL_BYTES : 0;
    }
    return result;
  }

  private static boolean conflict(long before, long now, Warp warp) {
    return before != 0
        && (before & now & ALL_BYTES) != 0
        && (before & now & STRONG) == 0
        && !ordered(before, now, warp);
  }

  private static boolean ordered(long before, long now, Warp warp) {
    int other = (int) (before >>> WARP) & 31;
    int clock = (int) (before >>> CLOCK);
    if (clock <= warp.seen[other]) {
      return true;
    }
    if (other != warp.index) {
      return false;
    }
    return ((before | now) & DIVERGED) == 0 || (before >>> LANE & 31) == (now >>> LANE & 31);
  }

  private PtxException race(Warp warp, int lane, int entry, String does, long before, String did) {
    return warp.fail(
        lane,
        "race in shared memory at byte "
            + (entry << shift)
            + ": it "
            + does
            + " warp "
            + (before >>> WARP & 31)
            + " lane "
            + (before >>> LANE & 31)
            + " "
            + did
            + " at line "
            + (before >>> LINE & 0xffffff)
            + " with no synchronization in between");
  }
}
