package org.slmruntime.quant;

import java.util.stream.IntStream;

/**
 * The whole numbers that a code can stand for, in ascending order, and the search for the scale
 * that brings a group of values closest to multiples of them in the sense of least squares.
 */
final class Levels {
  private static final int TRIALS = 9;

  /** Below this no half-precision scale is left: the group becomes zero. */
  private static final float NEGLIGIBLE = 1e-20f;

  private final int[] values;

  /** The nearest level of every interval [k/2, (k+1)/2): midpoints of whole numbers lie on them. */
  private final byte[] nearest;

  Levels(int... values) {
    this.values = values.clone();
    nearest = new byte[2 * (last() - first()) + 1];
    int level = 0;
    for (int k = 0; k < nearest.length; k++) {
      while (level + 1 < values.length && 2 * first() + k >= values[level] + values[level + 1]) {
        level++;
      }
      nearest[k] = (byte) level;
    }
  }

  static Levels range(int first, int last) {
    return new Levels(IntStream.rangeClosed(first, last).toArray());
  }

  private int first() {
    return values[0];
  }

  private int last() {
    return values[values.length - 1];
  }

  /** The code of the level nearest to {@code x}; a NaN gets that of zero. */
  int code(float x) {
    int k = (int) Math.floor(2.0 * x);
    return nearest[Math.clamp(k, 2 * first(), 2 * last()) - 2 * first()];
  }

  private int round(float x) {
    return values[code(x)];
  }

  /** The scale, of either sign, for the group x[from..from+n). */
  float scale(float[] x, int from, int n) {
    float extreme = 0;
    for (int i = from; i < from + n; i++) {
      extreme = Math.abs(x[i]) > Math.abs(extreme) ? x[i] : extreme;
    }
    if (Math.abs(extreme) < NEGLIGIBLE) {
      return 0;
    }
    float bestScale = 0;
    float bestGain = 0;
    for (int trial = -TRIALS; trial <= TRIALS; trial++) {
      for (int end = 0; end < 2; end++) {
        float inverse = (end == 0 ? nearFirst(trial) : nearLast(trial)) / extreme;
        float product = 0;
        float square = 0;
        for (int i = from; i < from + n; i++) {
          int level = round(x[i] * inverse);
          product += x[i] * level;
          square += level * level;
        }
        // With the best scale product/square the squared error falls by product^2/square.
        float scale = square == 0 ? 0 : product / square;
        if (scale * product > bestGain) {
          bestGain = scale * product;
          bestScale = scale;
        }
      }
    }
    return bestScale;
  }

  private float nearFirst(int trial) {
    return first() + 0.1f * trial * (values[1] - values[0]);
  }

  private float nearLast(int trial) {
    return last() + 0.1f * trial * (last() - values[values.length - 2]);
  }

  /** The squared error of a group under a scale. */
  float error(float[] x, int from, int n, float scale) {
    float inverse = scale == 0 ? 0 : 1 / scale;
    float error = 0;
    for (int i = from; i < from + n; i++) {
      float difference = x[i] - scale * round(x[i] * inverse);
      error += difference * difference;
    }
    return error;
  }

  /**
   * Chooses the whole-number scales of a super-block's groups.
   *
   * @param group elements per group
   * @param range scales are in -range..range-1
   * @param scales receives one per group
   * @return the factor of all scales, a half-precision number
   */
  float groupScales(float[] x, int from, int group, int range, int[] scales) {
    float[] wanted = new float[scales.length];
    float extreme = 0;
    for (int g = 0; g < wanted.length; g++) {
      wanted[g] = scale(x, from + g * group, group);
      extreme = Math.abs(wanted[g]) > Math.abs(extreme) ? wanted[g] : extreme;
    }
    float factor = Bytes.roundF16(extreme / -range);
    for (int g = 0; g < wanted.length; g++) {
      int middle = factor == 0 ? 0 : Math.round(wanted[g] / factor);
      scales[g] = bestScale(x, from + g * group, group, factor, middle, range);
    }
    return factor;
  }

  /** Rounding a scale is not best for its group: the neighbors are tried too. */
  private int bestScale(float[] x, int from, int n, float factor, int middle, int range) {
    int best = 0;
    float bestError = Float.POSITIVE_INFINITY;
    for (int candidate = -1; candidate <= 1; candidate++) {
      int scale = Math.clamp((long) middle + candidate, -range, range - 1);
      float error = error(x, from, n, factor * scale);
      if (error < bestError) {
        bestError = error;
        best = scale;
      }
    }
    return best;
  }
}
