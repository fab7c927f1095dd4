package org.slmruntime.cpu.attention;

import static org.slmruntime.cpu.vector.Lanes.COUNT;

import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.cpu.vector.Lanes;
import org.slmruntime.graph.Op;

/**
 * The sizes a kernel works with.
 *
 * @param layout of the cache
 * @param kvHeads key/value heads
 * @param group query heads that share one of them
 * @param tileTokens most tokens handled together
 * @param blocks of the cache, which bound a sequence
 */
public record AttentionShape(KvLayout layout, int kvHeads, int group, int tileTokens, int blocks) {
  /** Queries handled together, if the group is not larger. */
  private static final int TILE_QUERIES = 32;

  /** Queries come in fours. */
  private static final int QUAD = 4;

  /** Positions of a piece, if blocks divide it. */
  private static final int PIECE = 512;

  /** Positions whose values are unpacked together. */
  private static final int PANEL_ROWS = 128;

  /** Partial results that have room beside those of the longest sequence. */
  private static final int OTHER_SLOTS = 64;

  /** Some megabytes, however large the cache is. */
  private static final int MOST_SLOTS = 1024;

  public static AttentionShape of(Op.Attention op, PlanOptions options) {
    int group = op.heads() / op.layer().heads();
    return new AttentionShape(
        KvLayout.of(op.layer(), options),
        op.layer().heads(),
        group,
        Math.clamp(TILE_QUERIES / group, 1, options.maxTokens()),
        options.kvBlocks());
  }

  /** Queries of a full tile, rounded up to whole quads. */
  int queries() {
    return quads(tileTokens * group);
  }

  /** The next multiple of four. */
  static int quads(int queries) {
    return KvLayout.roundUp(queries, QUAD);
  }

  /**
   * Cache blocks of a piece. Sequences are cut at multiples of this, whatever else is in the step,
   * so that a token's result is always the sum of the same parts.
   */
  int pieceBlocks() {
    return Math.max(1, PIECE / layout.positions());
  }

  /** Positions of a piece. */
  int pieceTokens() {
    return pieceBlocks() * layout.blockTokens();
  }

  /**
   * Scores from one query to the next: a piece with its blocks' padding, an unused group where
   * their number is odd. Rows are not a power of two apart, which caches do not like.
   */
  int scoreStride() {
    return pieceBlocks() * layout.positions() + 2 * COUNT;
  }

  /** Floats of the largest panel of unpacked elements. */
  int panelFloats() {
    return Math.max(layout.keyElements(), panelBlocks() * layout.positions()) * 2 * COUNT;
  }

  /** Blocks whose values are unpacked together, if there are as many; a third of an L1 cache. */
  int panelBlocks() {
    return Math.clamp(PANEL_ROWS / layout.positions(), 1, pieceBlocks());
  }

  /**
   * Most partial results, each of one token and piece, that are kept in a step. What has no room is
   * not cut.
   */
  int slots() {
    return Math.min(MOST_SLOTS, Math.ceilDiv(blocks, pieceBlocks()) + OTHER_SLOTS);
  }

  /** Bytes of one thread's scratch memory. */
  public long scratchBytes() {
    int scaled = layout.scaled() ? 1 : 0;
    long perQuery =
        layout.keyElements() + (2L + scaled) * scoreStride() + 2L * layout.valueElements() + 4;
    long floats = queries() * perQuery + panelFloats() + scaled * scoreStride() + Lanes.SCRATCH;
    long offsets = pieceBlocks() * 2L;
    return floats * Float.BYTES + offsets * Long.BYTES;
  }

  /** Bytes of the memory for partial results, shared by the threads. */
  public long partialBytes() {
    long rows = (long) slots() * kvHeads * group;
    long counters = (long) slots() * kvHeads * Integer.BYTES;
    return rows * (layout.valueElements() + 2) * Float.BYTES + counters;
  }
}
