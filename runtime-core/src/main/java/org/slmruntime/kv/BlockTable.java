package org.slmruntime.kv;

import java.util.Arrays;

/** The blocks of one sequence in order of position. Not thread-safe. */
public final class BlockTable {
  private final BlockPool pool;
  private final int blockTokens;
  private int[] blocks = new int[8];
  private int count;

  public BlockTable(BlockPool pool, int blockTokens) {
    this.pool = pool;
    this.blockTokens = blockTokens;
  }

  /** Block ids; valid up to {@link #count}; not to be written. */
  public int[] blocks() {
    return blocks;
  }

  public int count() {
    return count;
  }

  /**
   * Takes blocks until {@code tokens} positions fit.
   *
   * @return false, with nothing taken, if the pool has too few
   */
  public boolean reserve(int tokens) {
    int needed = Math.ceilDiv(tokens, blockTokens);
    if (needed - count > pool.freeCount()) {
      return false;
    }
    if (needed > blocks.length) {
      blocks = Arrays.copyOf(blocks, Math.max(needed, 2 * blocks.length));
    }
    while (count < needed) {
      blocks[count++] = pool.allocate();
    }
    return true;
  }

  /** Gives all blocks back. */
  public void release() {
    while (count > 0) {
      pool.release(blocks[--count]);
    }
  }
}
