package org.slmruntime.cpu.matmul;

import org.slmruntime.cpu.vector.WordOrder;

/**
 * Tokens in the order and scale of {@link WordOrder}: a few as [tokens][columns], many in the
 * layout of {@link SplitTokens}.
 */
final class WordTokens {
  private final float[] values;

  /** What each token's results are multiplied with. */
  private final float[] factors;

  /**
   * @param floats of the largest step's tokens, see {@link ActivationSizes}
   */
  WordTokens(int floats, int tokens) {
    values = new float[floats];
    factors = new float[tokens];
  }

  /** Floats of any number of tokens up to this one. */
  static long floats(int tokens, int columns) {
    long few = (long) Math.min(tokens, MappedLinear.MANY_TOKENS - 1) * columns;
    return tokens < MappedLinear.MANY_TOKENS
        ? few
        : Math.max(few, new SplitTokens(columns).floats(tokens));
  }

  /** The tokens that were put here. */
  float[] values() {
    return values;
  }

  /** Lays out token {@code t} of {@code x}, which is [tokens][columns], as one of a few. */
  void put(float[] x, int t, int columns) {
    factors[t] = WordOrder.put(x, t * columns, columns, values, t * columns);
  }

  /** The same as one of many. */
  void putSplit(float[] x, int t, int columns, LinearScratch scratch) {
    factors[t] = WordOrder.put(x, t * columns, columns, scratch.decoded, 0);
    new SplitTokens(columns).put(scratch.decoded, 0, t, values, scratch.work);
  }

  /**
   * Takes what is left of the tokens' scale out of their results.
   *
   * @param out [tokens][rows], of which {@code firstRow .. lastRow - 1} are results
   */
  void finish(float[] out, int tokens, int rows, int firstRow, int lastRow) {
    for (int t = 0; t < tokens; t++) {
      if (factors[t] != 1) {
        for (int r = t * rows + firstRow; r < t * rows + lastRow; r++) {
          out[r] *= factors[t];
        }
      }
    }
  }
}
