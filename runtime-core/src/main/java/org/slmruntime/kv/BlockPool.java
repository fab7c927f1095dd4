package org.slmruntime.kv;

import java.util.BitSet;

/**
 * Hands out the ids of cache blocks. Free and used blocks always add up to the total. Not
 * thread-safe: it belongs to the thread that forms steps.
 */
public final class BlockPool {
  private final int[] free;
  private final BitSet used;
  private int freeCount;

  public BlockPool(int blocks) {
    free = new int[blocks];
    used = new BitSet(blocks);
    for (int i = 0; i < blocks; i++) {
      free[i] = blocks - 1 - i;
    }
    freeCount = blocks;
  }

  public int total() {
    return free.length;
  }

  public int freeCount() {
    return freeCount;
  }

  /** Takes a free block, or returns -1 if there is none. */
  public int allocate() {
    if (freeCount == 0) {
      return -1;
    }
    int block = free[--freeCount];
    used.set(block);
    return block;
  }

  /**
   * Gives a block back.
   *
   * @throws IllegalStateException if it is not in use
   */
  public void release(int block) {
    if (!used.get(block)) {
      throw new IllegalStateException("block " + block + " is not in use");
    }
    used.clear(block);
    free[freeCount++] = block;
  }
}
