package org.slmruntime.cpu.attention;

import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.cpu.vector.RowScratch;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Op;

/**
 * The sizes a kernel works with.
 *
 * @param kvHeads key/value heads
 * @param group query heads that share one of them
 * @param keySize elements of a query or key head
 * @param keyStride elements from one decoded key to the next
 * @param valueSize elements of a value head
 * @param valueStride elements from one decoded value to the next
 * @param blockTokens tokens of a cache block
 * @param tileTokens most tokens handled together
 */
public record AttentionShape(
    int kvHeads,
    int group,
    int keySize,
    int keyStride,
    int valueSize,
    int valueStride,
    int blockTokens,
    int tileTokens) {
  /** Queries handled together, if the group is not larger. */
  private static final int TILE_QUERIES = 32;

  private static final int WIDEST_VECTOR = 16;

  public static AttentionShape of(Op.Attention op, PlanOptions options) {
    KvLayer layer = op.layer();
    int group = op.heads() / layer.heads();
    return new AttentionShape(
        layer.heads(),
        group,
        layer.keySize(),
        KvCache.stride(layer.keySize(), options.kvType()),
        layer.valueSize(),
        KvCache.stride(layer.valueSize(), options.kvType()),
        options.kvBlockTokens(),
        Math.clamp(TILE_QUERIES / group, 1, options.maxTokens()));
  }

  /** Queries of a full tile. */
  int queries() {
    return tileTokens * group;
  }

  /** Scores of one query against a block, padded to whole vectors of any width. */
  int scoreStride() {
    return Math.ceilDiv(blockTokens, WIDEST_VECTOR) * WIDEST_VECTOR;
  }

  /** Bytes of one thread's scratch memory. */
  public long scratchBytes() {
    long perQuery = (long) keyStride + 2 * scoreStride() + valueStride + 2;
    long floats = queries() * perQuery + (long) scoreStride() * (keyStride + valueStride);
    return floats * Float.BYTES + RowScratch.byteSize(AttentionScratch.DECODED_AT_ONCE);
  }
}
