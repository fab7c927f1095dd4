package org.slmruntime.quant;

/**
 * Finds the parameters of one super-block of Q2_K, Q4_K or Q5_K: each group's values are
 * approximated by {@code d * scale * code - dmin * minimum} with the least squared error that a
 * search around the group's range finds. The fields hold the last block's result; not thread-safe.
 */
final class AffineGroups {
  private static final int TRIALS = 10;
  private static final float NEGLIGIBLE = 1e-20f;

  private final int group;
  private final int largestCode;
  private final int largestScale;
  final int[] scales;
  final int[] minimums;

  /** Factors of all scales and of all minimums, half-precision numbers. */
  float d;

  float dmin;

  private final float[] wantedScales;
  private final float[] wantedMinimums;

  AffineGroups(int groups, int largestCode, int largestScale) {
    this.group = 256 / groups;
    this.largestCode = largestCode;
    this.largestScale = largestScale;
    scales = new int[groups];
    minimums = new int[groups];
    wantedScales = new float[groups];
    wantedMinimums = new float[groups];
  }

  /** Fits the block x[from..from+256). */
  void fit(float[] x, int from) {
    float largest = 0;
    float largestMinimum = 0;
    for (int g = 0; g < scales.length; g++) {
      fitGroup(x, from + g * group, g);
      largest = Math.max(largest, wantedScales[g]);
      largestMinimum = Math.max(largestMinimum, wantedMinimums[g]);
    }
    d = Bytes.roundF16(largest / largestScale);
    dmin = Bytes.roundF16(largestMinimum / largestScale);
    for (int g = 0; g < scales.length; g++) {
      roundGroup(x, from + g * group, g);
    }
  }

  /** The code of a value in group {@code g} of the fitted block. */
  int code(float x, int g) {
    return code(x + dmin * minimums[g], inverse(d * scales[g]));
  }

  private int code(float shifted, float inverse) {
    return Math.clamp(Math.round(shifted * inverse), 0, largestCode);
  }

  private static float inverse(float scale) {
    return scale == 0 ? 0 : 1 / scale;
  }

  /** Unrounded scale and minimum: for several first guesses of the codes, the best line. */
  private void fitGroup(float[] x, int from, int g) {
    float low = 0;
    float high = x[from];
    for (int i = from; i < from + group; i++) {
      low = Math.min(low, x[i]);
      high = Math.max(high, x[i]);
    }
    wantedMinimums[g] = -low;
    wantedScales[g] = 0;
    if (!(high - low > NEGLIGIBLE)) {
      return;
    }
    wantedScales[g] = (high - low) / largestCode;
    float bestError = error(x, from, wantedScales[g], wantedMinimums[g]);
    for (int trial = -TRIALS; trial <= TRIALS; trial++) {
      bestError = tryLine(x, from, g, low, (largestCode + 0.1f * trial) / (high - low), bestError);
    }
  }

  private float tryLine(float[] x, int from, int g, float low, float inverse, float bestError) {
    float sum = 0;
    float codes = 0;
    float squares = 0;
    float products = 0;
    for (int i = from; i < from + group; i++) {
      int code = code(x[i] - low, inverse);
      sum += x[i];
      codes += code;
      squares += code * code;
      products += x[i] * code;
    }
    float determinant = group * squares - codes * codes;
    if (!(determinant > 0)) {
      return bestError;
    }
    float scale = (group * products - sum * codes) / determinant;
    float minimum = (codes * products - squares * sum) / determinant;
    if (minimum < 0) {
      // The format has no negative minimum: the best line through zero.
      minimum = 0;
      scale = products / squares;
    }
    float error = error(x, from, scale, minimum);
    if (scale > 0 && error < bestError) {
      wantedScales[g] = scale;
      wantedMinimums[g] = minimum;
      return error;
    }
    return bestError;
  }

  /** Whole-number scale and minimum: the rounded ones or neighbors, whichever fit best. */
  private void roundGroup(float[] x, int from, int g) {
    int scale = d == 0 ? 0 : Math.round(wantedScales[g] / d);
    int minimum = dmin == 0 ? 0 : Math.round(wantedMinimums[g] / dmin);
    float bestError = Float.POSITIVE_INFINITY;
    scales[g] = 0;
    minimums[g] = 0;
    for (int candidate = 0; candidate < 9; candidate++) {
      int s = Math.clamp((long) scale + candidate % 3 - 1, 0, largestScale);
      int m = Math.clamp((long) minimum + candidate / 3 - 1, 0, largestScale);
      float error = error(x, from, d * s, dmin * m);
      if (error < bestError) {
        bestError = error;
        scales[g] = s;
        minimums[g] = m;
      }
    }
  }

  private float error(float[] x, int from, float scale, float minimum) {
    float inverse = inverse(scale);
    float error = 0;
    for (int i = from; i < from + group; i++) {
      float difference = x[i] - (scale * code(x[i] + minimum, inverse) - minimum);
      error += difference * difference;
    }
    return error;
  }
}
