package org.slmruntime.cpu.attention;

import org.slmruntime.cpu.vector.Lanes;

/** One thread's working memory for a tile, shared by all layers of one shape. */
public final class AttentionScratch {
  /** [queries][keyElements], scaled; zero past the head's size and past the last query. */
  final float[] queries;

  /** [queries][scoreStride] scores against a piece, then weights. */
  final float[] scores;

  /** [queries][scoreStride] scores on their way through the softcap. */
  final float[] capped;

  /**
   * [queries][scoreStride] scores before their scale, then weights times the scales of 32 columns
   * of values.
   */
  final float[] scaled;

  /** Decoded scales of a piece. */
  final float[] scales;

  /** Unpacked elements, [k][2 vectors]. */
  final float[] panel;

  /** [queries][valueElements] weighted sum of a piece's values. */
  final float[] mixed;

  /** Largest score of each query in a piece. */
  final float[] max;

  /** Sum of weights of each query in a piece, relative to {@link #max}; 0 if it sees none of it. */
  final float[] sum;

  /** The same three for all pieces so far. */
  final float[] totalMixed;

  final float[] totalMax;
  final float[] totalSum;

  /** Where the keys of each block of a piece begin. */
  final long[] keysAt;

  /** Where the values of each block of a piece begin. */
  final long[] valuesAt;

  /** For {@link Lanes#sums}. */
  final float[] lanes = new float[Lanes.SCRATCH];

  /** Keeps the compiler from dropping reads that only fill the cache. */
  int touched;

  AttentionScratch(AttentionShape shape) {
    KvLayout layout = shape.layout();
    int n = shape.queries();
    queries = new float[n * layout.keyElements()];
    scores = new float[n * shape.scoreStride()];
    capped = new float[scores.length];
    scaled = new float[layout.scaled() ? scores.length : 0];
    scales = new float[layout.scaled() ? shape.scoreStride() : 0];
    panel = new float[shape.panelFloats()];
    mixed = new float[n * layout.valueElements()];
    max = new float[n];
    sum = new float[n];
    totalMixed = new float[mixed.length];
    totalMax = new float[n];
    totalSum = new float[n];
    keysAt = new long[shape.pieceBlocks()];
    valuesAt = new long[shape.pieceBlocks()];
  }

  public static AttentionScratch[] forThreads(AttentionShape shape, int threads) {
    AttentionScratch[] scratch = new AttentionScratch[threads];
    for (int i = 0; i < threads; i++) {
      scratch[i] = new AttentionScratch(shape);
    }
    return scratch;
  }
}
