package org.slmruntime.gpuparity;

import org.slmruntime.cuda.driver.Grid;

/**
 * What a block of a product of many tokens computes.
 *
 * @param threads of the block
 */
record Tiles(int rows, int tokens, int threads) {
  static final Tiles LARGE = new Tiles(64, 64, 128);

  /** For few tokens. */
  static final Tiles SMALL = new Tiles(32, 16, 256);

  Grid grid(int allRows, int allTokens) {
    return Grid.of(Math.ceilDiv(allRows, rows), Math.ceilDiv(allTokens, tokens), 1, threads);
  }
}
