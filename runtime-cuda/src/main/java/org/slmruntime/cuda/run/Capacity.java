package org.slmruntime.cuda.run;

import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.graph.Rows;

/**
 * The most that a step holds, padding included.
 *
 * @param tokens rows of token values
 * @param outputs rows of output values
 * @param sequences in a step
 * @param blocks entries of a sequence's block table
 * @param blockTokens tokens per block
 */
public record Capacity(int tokens, int outputs, int sequences, int blocks, int blockTokens) {
  /** Most rows that a grid can have in its second dimension. */
  public static final int MAX_ROWS = 65_535;

  /** Query rows of a tile of the prefill kernel. */
  static final int TILE_ROWS = 64;

  /** Shorter runs of a sequence's tokens are no tiles; the same number a GEMV takes. */
  static final int FEW = 8;

  public static Capacity of(PlanOptions options) {
    return new Capacity(
        padded(options.maxTokens()),
        padded(options.maxOutputs()),
        options.maxSequences(),
        options.kvBlocks(),
        options.kvBlockTokens());
  }

  private static int padded(int rows) {
    return rows <= Buckets.MAX_BATCH ? Buckets.batch(rows) : rows;
  }

  int rows(Rows rows) {
    return rows == Rows.TOKENS ? tokens : outputs;
  }

  /** Sequences of the largest decode step. */
  private int decodeBatch() {
    return Math.min(tokens, Buckets.batch(Math.min(sequences, Buckets.MAX_BATCH)));
  }

  /** Partial attention results per head: for every split of a decode step, or one per token. */
  long partials() {
    return Math.max(tokens, (long) decodeBatch() * Buckets.MAX_SPLITS);
  }

  /** Tiles of a step: each run of more than a few tokens has one that may not be full. */
  int tiles() {
    return tokens / TILE_ROWS + tokens / (FEW + 1) + 1;
  }
}
