package org.slmruntime.cuda.driver;

/** Blocks of a launch and threads of a block. */
public record Grid(int x, int y, int z, int blockX, int blockY, int blockZ) {
  public static Grid of(int blocks, int threads) {
    return new Grid(blocks, 1, 1, threads, 1, 1);
  }

  public static Grid of(int blocksX, int blocksY, int blocksZ, int threads) {
    return new Grid(blocksX, blocksY, blocksZ, threads, 1, 1);
  }
}
