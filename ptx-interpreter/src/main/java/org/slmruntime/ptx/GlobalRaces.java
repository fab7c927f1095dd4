package org.slmruntime.ptx;

/**
 * Races in an allocation, between blocks and between warps of a block. For each word it keeps the
 * last write and one read, as numbers of segments (see {@link Segments}); for each byte, once an
 * access was narrower than a word.
 */
final class GlobalRaces implements Races {
  /** Set where the access was atomic, volatile or ordered. */
  private static final int STRONG = 1 << 31;

  /** Set where another block has read, too. */
  private static final int MANY = 1 << 30;

  private static final int NUMBER = MANY - 1;

  private final int size;
  private int shift = 2;
  private int[] writes;
  private int[] reads;

  GlobalRaces(int size) {
    this.size = size;
  }

  private void narrow() {
    shift = 0;
    reads = perByte(reads);
    if (writes != null) {
      writes = perByte(writes);
    }
  }

  private int[] perByte(int[] perWord) {
    int[] result = new int[size];
    for (int i = 0; i < size; i++) {
      result[i] = perWord[i >> 2];
    }
    return result;
  }

  @Override
  public void read(Warp warp, int lane, int at, int count, boolean strong) {
    if (reads == null) {
      reads = new int[Math.ceilDiv(size, 4)];
    }
    if (count < 4 && shift != 0) {
      narrow();
    }
    Segments segments = warp.block.launch.segments;
    int me = segments.of(warp) | (strong ? STRONG : 0);
    int end = at + count - 1 >> shift;
    for (int i = at >> shift; i <= end; i++) {
      if (writes != null && writes[i] != me && conflict(writes[i], me, segments, warp)) {
        throw race(warp, lane, "reads what", writes[i], "wrote");
      }
      int last = reads[i];
      if (last != me) {
        reads[i] = merged(last, me, segments, warp);
      }
    }
  }

  private static int merged(int last, int me, Segments segments, Warp warp) {
    if (!segments.isCurrent(last & NUMBER)) {
      return me;
    }
    boolean many = (last & MANY) != 0 || segments.block(last & NUMBER) != warp.block.index;
    return many ? me | MANY : me;
  }

  @Override
  public void write(Warp warp, int lane, int at, int count, boolean strong, boolean same) {
    if (reads == null) {
      reads = new int[Math.ceilDiv(size, 4)];
    }
    if (count < 4 && shift != 0) {
      narrow();
    }
    if (writes == null) {
      writes = new int[reads.length];
    }
    Segments segments = warp.block.launch.segments;
    int me = segments.of(warp) | (strong ? STRONG : 0);
    int end = at + count - 1 >> shift;
    for (int i = at >> shift; i <= end; i++) {
      if (!same && conflict(writes[i], me, segments, warp)) {
        throw race(warp, lane, "writes what", writes[i], "wrote");
      }
      if (conflict(reads[i], me, segments, warp)) {
        throw race(warp, lane, "writes what", reads[i], "read");
      }
      writes[i] = me;
    }
  }

  private static boolean conflict(int before, int now, Segments segments, Warp warp) {
    int number = before & NUMBER;
    if (!segments.isCurrent(number) || (before & now & STRONG) != 0) {
      return false;
    }
    return (before & MANY) != 0 || !segments.ordered(number, warp);
  }

  private static PtxException race(Warp warp, int lane, String does, int before, String did) {
    return warp.fail(
        lane,
        "race in global memory at "
            + Access.where(warp, Space.GLOBAL, lane)
            + ": it "
            + does
            + " "
            + warp.block.launch.segments.describe(before & NUMBER)
            + ((before & MANY) != 0 ? " and another block " : " ")
            + did
            + " with no synchronization in between");
  }
}
