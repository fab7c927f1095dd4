package org.slmruntime.cpu.attention;

import org.slmruntime.cpu.vector.RowScratch;

/** One thread's working memory for a tile, shared by all layers of one shape. */
public final class AttentionScratch {
  /** Elements of the cache that are decoded at a time. */
  static final int DECODED_AT_ONCE = 1024;

  /** [queries][keyStride], scaled; zero past the head's size. */
  final float[] queries;

  /** [queries][scoreStride] scores, then weights. */
  final float[] scores;

  /** [queries][scoreStride] scores on their way through the softcap. */
  final float[] capped;

  /** [block tokens][keyStride]. */
  final float[] keys;

  /** [block tokens][valueStride]. */
  final float[] values;

  /** [queries][valueStride] weighted sums so far. */
  final float[] mixed;

  /** Largest score so far of each query. */
  final float[] max;

  /** Sum of weights so far of each query, relative to {@link #max}. */
  final float[] sum;

  /** Cached keys or values on their way to floats. */
  final RowScratch rows = new RowScratch(DECODED_AT_ONCE);

  AttentionScratch(AttentionShape shape) {
    queries = new float[shape.queries() * shape.keyStride()];
    scores = new float[shape.queries() * shape.scoreStride()];
    capped = new float[scores.length];
    keys = new float[shape.scoreStride() * shape.keyStride()];
    values = new float[shape.scoreStride() * shape.valueStride()];
    mixed = new float[shape.queries() * shape.valueStride()];
    max = new float[shape.queries()];
    sum = new float[shape.queries()];
  }

  public static AttentionScratch[] forThreads(AttentionShape shape, int threads) {
    AttentionScratch[] scratch = new AttentionScratch[threads];
    for (int i = 0; i < threads; i++) {
      scratch[i] = new AttentionScratch(shape);
    }
    return scratch;
  }
}
