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
  private static final int LANE = 6;
  private static final int WARP = 11;
  private static final int LINE = 16;
  private static final int CLOCK = 40;

  private final long[] writes;
  private final long[] reads;
  private final long[] otherReads;

  SharedRaces(int bytes) {
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

  /** The bytes of a word that lie in a range, as four bits. */
  private static long bytes(int at, int count) {
    if (count >= 4) {
      return 15L << BYTES;
    }
    return (long) ((1 << count) - 1 << (at & 3)) << BYTES;
  }

  @Override
  public void read(Warp warp, int lane, int at, int count, boolean strong) {
    long me = access(warp, lane, strong);
    for (int word = at >> 2; word <= at + count - 1 >> 2; word++) {
      long access = me | bytes(at, count);
      if (conflict(writes[word], access, warp)) {
        throw race(warp, lane, word, "reads what", writes[word], "wrote");
      }
      long last = reads[word];
      if (last >>> WARP == access >>> WARP) {
        reads[word] = last | access & (15L << BYTES | DIVERGED);
      } else {
        if (last != 0 && !ordered(last, access, warp)) {
          otherReads[word] = last;
        }
        reads[word] = access;
      }
    }
  }

  @Override
  public void write(Warp warp, int lane, int at, int count, boolean strong) {
    long me = access(warp, lane, strong);
    for (int word = at >> 2; word <= at + count - 1 >> 2; word++) {
      long access = me | bytes(at, count);
      if (conflict(writes[word], access, warp)) {
        throw race(warp, lane, word, "writes what", writes[word], "wrote");
      }
      if (conflict(reads[word], access, warp)) {
        throw race(warp, lane, word, "writes what", reads[word], "read");
      }
      if (conflict(otherReads[word], access, warp)) {
        throw race(warp, lane, word, "writes what", otherReads[word], "read");
      }
      long last = writes[word];
      boolean same = last >>> WARP == access >>> WARP;
      writes[word] = same ? last & 15L << BYTES | access : access;
    }
  }

  private static boolean conflict(long before, long now, Warp warp) {
    return before != 0
        && (before & now & 15L << BYTES) != 0
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

  private static PtxException race(
      Warp warp, int lane, int word, String does, long before, String did) {
    return warp.fail(
        lane,
        "race in shared memory at byte "
            + 4 * word
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
