package org.slmruntime.ptx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Copies to shared memory of a warp that are under way, grouped by lane and commit. */
final class AsyncGroups {
  private record Copy(int lane, int group, int at, byte[] data) {}

  private final Warp warp;
  private final List<Copy> copies = new ArrayList<>();

  /** Per lane, the number of groups committed. */
  private final int[] committed = new int[32];

  AsyncGroups(Warp warp) {
    this.warp = warp;
  }

  void clear() {
    copies.clear();
    Arrays.fill(committed, 0);
  }

  void start(int lane, int at, byte[] data) {
    copies.add(new Copy(lane, committed[lane], at, data));
  }

  void commit(int lanes) {
    for (int rest = lanes; rest != 0; rest &= rest - 1) {
      committed[Integer.numberOfTrailingZeros(rest)]++;
    }
  }

  /** Completes all but the last groups of these lanes. */
  void waitFor(int lanes, int groupsLeft) {
    int kept = 0;
    for (Copy copy : copies) {
      boolean waits = (lanes >>> copy.lane & 1) != 0;
      if (waits && copy.group < committed[copy.lane] - groupsLeft) {
        complete(copy);
      } else {
        copies.set(kept++, copy);
      }
    }
    copies.subList(kept, copies.size()).clear();
  }

  /** Completes all copies of these lanes, committed or not. */
  void waitForAll(int lanes) {
    commit(lanes);
    waitFor(lanes, 0);
  }

  /** The bytes appear, to the lane that copied them: others need to synchronize with it. */
  private void complete(Copy copy) {
    Region shared = warp.block.shared;
    int count = copy.data.length;
    System.arraycopy(copy.data, 0, shared.bytes, copy.at, count);
    shared.mark(copy.at, count, Region.WRITTEN);
    warp.alone(copy.lane);
    shared.races.write(warp, copy.lane, copy.at, count, false, false);
  }
}
