package org.slmruntime.cuda.run;

import org.slmruntime.graph.Rows;

/** The numbers of one step that launches depend on. Reused. */
final class StepShape {
  /** Rows of token values, padding included. */
  int tokens;

  /** Rows of output values, padding included. */
  int outputs;

  /** Whether there are as many sequences as tokens: products are not left to the library. */
  boolean decode;

  /** Entries per row of the block tables. */
  int tableStride;

  /** Class of the longest context, see {@link Buckets}. */
  int contextClass;

  /** Tiles of long runs, for attention kernels that take them. */
  int tiles;

  /** The first token outside the tiles. */
  int firstLoose;

  /** Tokens from the first to the last one outside the tiles; those of tiles have no position. */
  int loose;

  int rows(Rows rows) {
    return rows == Rows.TOKENS ? tokens : outputs;
  }
}
