package org.slmruntime.ptx;

import java.util.ArrayList;
import java.util.List;

/** One launch: what its blocks share, and their schedule. */
final class Launch {
  /** A warp that executes more than this is taken to be in an endless loop. */
  static final long MOST_INSTRUCTIONS = 1L << 28;

  private static final int RESIDENT_BLOCKS = 4;
  private static final int MOST_RESIDENT_BLOCKS = 256;

  /** Turns of a resident block with none of them coming to an end, before one more may begin. */
  private static final int PATIENCE = 16;

  private static final int FUEL = 1 << 13;
  private static final int SHUFFLED_FUEL = 256;

  final Code code;
  final Dim3 grid;
  final Dim3 blockSize;
  final int dynamicSharedBytes;
  final int sharedBytes;
  final GlobalMemory memory;
  final PtxOptions options;
  final Region parameters;
  final Constants constants;
  final Segments segments;
  final Randomness random;
  final Tally tally = new Tally();
  final MatrixScratch scratch = new MatrixScratch();

  final WarpPool warps;

  /** Per instruction, the region that it accessed last. */
  final Region[] lastRegions;

  Launch(
      PtxEntry entry,
      Dim3 grid,
      Dim3 blockSize,
      int dynamicSharedBytes,
      Region parameters,
      GlobalMemory memory,
      PtxOptions options,
      Constants constants,
      WarpPool warps,
      long seed) {
    this.warps = warps;
    this.code = entry.code();
    this.grid = grid;
    this.blockSize = blockSize;
    this.dynamicSharedBytes = dynamicSharedBytes;
    this.sharedBytes = code.dynamicOffset() + dynamicSharedBytes;
    this.parameters = parameters;
    this.memory = memory;
    this.options = options;
    this.constants = constants;
    this.segments = new Segments(memory.firstSegment());
    this.random = new Randomness(seed);
    this.lastRegions = new Region[code.instructions().length];
  }

  /** Runs all blocks. In order one after the other; shuffled a few at a time, in any order. */
  void run() {
    try {
      runBlocks();
    } finally {
      memory.setFirstSegment(segments.end());
    }
  }

  private void runBlocks() {
    int[] order = order(Math.toIntExact(grid.count()));
    List<Block> resident = new ArrayList<>();
    int limit = options.shuffled() ? 1 + random.below(RESIDENT_BLOCKS) : 1;
    int next = 0;
    int turn = 0;
    int patience = 0;
    while (next < order.length || !resident.isEmpty()) {
      while (resident.size() < limit && next < order.length) {
        resident.add(new Block(this, order[next++]));
      }
      turn = options.shuffled() ? random.below(resident.size()) : turn % resident.size();
      Block block = resident.get(turn);
      boolean going = block.step(options.shuffled() ? 1 + random.below(SHUFFLED_FUEL) : FUEL);
      if (block.isDone()) {
        resident.remove(turn);
        warps.give(code, block.warps);
        patience = 0;
      } else if (options.shuffled() || going) {
        turn++;
        patience++;
      }
      if (patience > PATIENCE * resident.size()) {
        // They may wait for a block that has not begun.
        limit = Math.min(MOST_RESIDENT_BLOCKS, limit + 1);
        patience = 0;
      }
    }
  }

  private int[] order(int count) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int j = options.shuffled() ? random.below(i + 1) : i;
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
