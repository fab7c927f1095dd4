package org.slmruntime.ptx;

import java.util.ArrayList;
import java.util.List;

/** A barrier of a block. */
final class Barrier {
  /** What a barrier that reduces gives to its warps. */
  interface Result {
    void give(int count, int threads);
  }

  private record Arrival(Warp warp, boolean waits, Result result, int clock, int[] seen) {}

  private final Block block;
  private final List<Arrival> arrivals = new ArrayList<>();
  private Instruction first;
  private int expectedThreads;
  private int arrivedThreads;
  private int votes;
  private int voters;

  Barrier(Block block) {
    this.block = block;
  }

  /**
   * A warp arrives, with all its lanes.
   *
   * @param threads that must arrive, 0 for all of the block
   * @param waits whether it stays until all have come
   * @param ballot lanes that say yes
   * @param result null if nothing is reduced
   */
  void arrive(Warp warp, Instruction at, int threads, boolean waits, int ballot, Result result) {
    if (arrivals.isEmpty()) {
      first = at;
      expectedThreads = threads;
    }
    check(warp, at, threads);
    arrivals.add(new Arrival(warp, waits, result, warp.clock, warp.seen.clone()));
    warp.synchronizeLanes();
    arrivedThreads += 32;
    votes += Integer.bitCount(ballot & warp.live);
    voters += Integer.bitCount(warp.live);
    if (waits) {
      warp.state = Warp.State.WAITING;
    }
    completeIfAllArrived();
  }

  private void check(Warp warp, Instruction at, int threads) {
    int lane = Integer.numberOfTrailingZeros(warp.live);
    if (threads % 32 != 0) {
      throw warp.fail(lane, "a barrier for " + threads + " threads, not a multiple of 32");
    }
    if (threads > 32 * block.warps.length) {
      throw warp.fail(lane, "a barrier for " + threads + " threads, more than the block has");
    }
    if (threads != expectedThreads) {
      throw warp.fail(
          lane,
          "barrier for " + threads + " threads, but others came to it for " + expectedThreads);
    }
    if (at.index != first.index && threads == 0 && block.launch.options.checks()) {
      throw warp.fail(
          lane,
          "barrier divergence: warp "
              + arrivals.getFirst().warp().index
              + " waits at line "
              + first.line
              + ": "
              + first.text);
    }
  }

  void completeIfAllArrived() {
    if (arrivals.isEmpty()) {
      return;
    }
    boolean complete =
        expectedThreads == 0
            ? arrivals.size() >= block.liveWarps()
            : arrivedThreads >= expectedThreads;
    if (complete) {
      complete();
    }
  }

  private void complete() {
    block.launch.tally.barriers++;
    int[] seen = new int[32];
    for (Arrival a : arrivals) {
      for (int i = 0; i < 32; i++) {
        seen[i] = Math.max(seen[i], a.seen()[i]);
      }
      seen[a.warp().index] = Math.max(seen[a.warp().index], a.clock());
    }
    for (Arrival a : arrivals) {
      if (a.waits()) {
        release(a, seen);
      }
    }
    arrivals.clear();
    arrivedThreads = 0;
    votes = 0;
    voters = 0;
  }

  private void release(Arrival a, int[] seen) {
    Warp warp = a.warp();
    for (int i = 0; i < 32; i++) {
      warp.seen[i] = Math.max(warp.seen[i], seen[i]);
    }
    if (warp.state == Warp.State.WAITING) {
      warp.state = Warp.State.READY;
    }
    if (a.result() != null) {
      a.result().give(votes, voters);
    }
  }
}
