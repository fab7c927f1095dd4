package org.slmruntime.ptx;

import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;

/** A block: its warps, shared memory and barriers. */
final class Block {
  final Launch launch;
  final int index;
  final int x;
  final int y;
  final int z;
  final Region shared;
  final Warp[] warps;
  private final Map<Integer, Barrier> barriers = new HashMap<>();

  /** Per other block, up to which of its segments this one comes after it. */
  final Map<Integer, Integer> acquired = new HashMap<>();

  /** Whether a warp executed a fence. */
  boolean fenced;

  private int left;
  private int turn;

  Block(Launch launch, int index) {
    this.launch = launch;
    this.index = index;
    Dim3 grid = launch.grid;
    x = index % grid.x();
    y = index / grid.x() % grid.y();
    z = index / grid.x() / grid.y();
    shared = new Region(0, launch.sharedBytes, false);
    if (launch.options.checks()) {
      launch.random.fill(shared.bytes);
    }
    shared.races = launch.options.checks() ? new SharedRaces(shared.size) : null;
    int threads = (int) launch.blockSize.count();
    warps = new Warp[Math.ceilDiv(threads, 32)];
    for (int i = 0; i < warps.length; i++) {
      int lanes = Math.min(32, threads - 32 * i);
      warps[i] = launch.warps.take(launch);
      warps[i].begin(this, i, -1 >>> 32 - lanes);
    }
  }

  String name() {
    return "(" + x + ", " + y + ", " + z + ")";
  }

  boolean isDone() {
    return left == warps.length;
  }

  int liveWarps() {
    return warps.length - left;
  }

  /** Runs one of the warps that can go on for a while; whether it is still going. */
  boolean step(int fuel) {
    int start = launch.options.shuffled() ? launch.random.below(warps.length) : turn;
    for (int i = 0; i < warps.length; i++) {
      Warp warp = warps[(start + i) % warps.length];
      if (warp.state == Warp.State.READY) {
        warp.run(fuel);
        turn = warp.index + (warp.state == Warp.State.READY ? 1 : 0);
        return warp.state == Warp.State.READY;
      }
    }
    throw stuck();
  }

  private PtxException stuck() {
    StringJoiner where = new StringJoiner("; ");
    for (Warp warp : warps) {
      if (warp.state != Warp.State.DONE) {
        where.add(warp.position());
      }
    }
    return new PtxException(
        launch.code.name() + ", block " + name() + ": deadlock at barriers: " + where);
  }

  Barrier barrier(int id) {
    return barriers.computeIfAbsent(id, k -> new Barrier(this));
  }

  /** A warp has ended: barriers no longer wait for it. */
  void left(Warp warp) {
    left++;
    for (Barrier barrier : barriers.values()) {
      barrier.completeIfAllArrived();
    }
  }
}
