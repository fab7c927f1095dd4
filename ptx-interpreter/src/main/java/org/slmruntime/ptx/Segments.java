package org.slmruntime.ptx;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Numbers what the warps of a machine's launches do between synchronizations. A number names block,
 * warp and clock, and grows over all launches, so that older launches need no cleaning up.
 */
final class Segments {
  private final int first;
  private int next;
  private int[] blocks = new int[1024];
  private int[] warps = new int[1024];
  private int[] clocks = new int[1024];

  /** Per address, what blocks had done when they released it. */
  private final Map<Long, Map<Integer, Integer>> released = new HashMap<>();

  Segments(int first) {
    this.first = first;
    this.next = first;
  }

  /** The number after the last one. */
  int end() {
    return next;
  }

  /** The number of what the warp does now. */
  int of(Warp warp) {
    if (warp.segmentClock != warp.clock) {
      warp.segmentClock = warp.clock;
      warp.segment = add(warp);
    }
    return warp.segment;
  }

  private int add(Warp warp) {
    int i = next - first;
    if (i == blocks.length) {
      blocks = Arrays.copyOf(blocks, 2 * i);
      warps = Arrays.copyOf(warps, 2 * i);
      clocks = Arrays.copyOf(clocks, 2 * i);
    }
    blocks[i] = warp.block.index;
    warps[i] = warp.index;
    clocks[i] = warp.clock;
    return next++;
  }

  /** Whether a number is of this launch. */
  boolean isCurrent(int number) {
    return number >= first;
  }

  int block(int number) {
    return blocks[number - first];
  }

  /** Whether what a number names comes before what the warp does now. */
  boolean ordered(int number, Warp warp) {
    int i = number - first;
    if (blocks[i] != warp.block.index) {
      return warp.block.acquired.getOrDefault(blocks[i], 0) >= number;
    }
    return warps[i] == warp.index || clocks[i] <= warp.seen[warps[i]];
  }

  String describe(int number) {
    int i = number - first;
    return "block " + blocks[i] + " warp " + warps[i];
  }

  /**
   * A block wrote an address atomically, after a fence: blocks that read it there may see what this
   * one did. What other warps of the block do at the same time is taken to be part of it.
   */
  void release(Warp warp, long address) {
    if (!warp.block.fenced) {
      return;
    }
    Map<Integer, Integer> numbers = released.computeIfAbsent(address, k -> new HashMap<>());
    numbers.putAll(warp.block.acquired);
    numbers.put(warp.block.index, next - 1);
    warp.segmentClock = 0;
  }

  /** A block read an address atomically. */
  void acquire(Warp warp, long address) {
    released
        .getOrDefault(address, Map.of())
        .forEach((block, number) -> warp.block.acquired.merge(block, number, Math::max));
  }
}
