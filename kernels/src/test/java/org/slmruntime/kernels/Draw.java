package org.slmruntime.kernels;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * One row's settings for {@code sample}, and which tokens may come of them, by the definition: sort
 * everything, in double.
 *
 * @param uniform in [0, 1)
 */
record Draw(float temperature, int topK, float topP, float minP, float uniform) {
  /** Bytes of a row's settings are eight words. */
  static final int WORDS = 8;

  /** How far from a boundary a draw may fall to either side. */
  private static final double TOLERANCE = 1e-5;

  /** How far off the kernel's probabilities may be where they decide what is kept. */
  private static final double CUT_TOLERANCE = 2e-6;

  void put(int[] settings, int row) {
    settings[row * WORDS] = Float.floatToRawIntBits(temperature);
    settings[row * WORDS + 1] = Float.floatToRawIntBits(topP);
    settings[row * WORDS + 2] = Float.floatToRawIntBits(minP);
    settings[row * WORDS + 3] = Float.floatToRawIntBits(uniform);
    settings[row * WORDS + 4] = topK;
  }

  /** Ids, most likely first, ties by id. */
  static int[] sorted(float[] logits) {
    return IntStream.range(0, logits.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer id) -> -(logits[id] + 0.0)))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Whether a token is right, at worst by a boundary that lies within the tolerance. */
  boolean allows(int token, float[] logits, int[] sorted) {
    for (double shift : new double[] {0, -CUT_TOLERANCE, CUT_TOLERANCE}) {
      for (double ratio : new double[] {0, -CUT_TOLERANCE, CUT_TOLERANCE}) {
        int kept = kept(logits, sorted, topP + shift, minP * (1 + ratio));
        if (covers(token, logits, sorted, kept)) {
          return true;
        }
      }
    }
    return false;
  }

  /** How many of the sorted tokens the truncations keep. */
  private int kept(float[] logits, int[] sorted, double leastMass, double leastRatio) {
    int kept = topK > 0 ? Math.min(topK, sorted.length) : sorted.length;
    float top = logits[sorted[0]];
    if (topP < 1) {
      double wanted = leastMass * mass(logits, sorted, kept, 1);
      double reached = 0;
      for (int i = 0; i < kept; i++) {
        reached += Math.exp(logits[sorted[i]] - (double) top);
        kept = reached >= wanted ? i + 1 : kept;
      }
    }
    while (kept > 1 && Math.exp(logits[sorted[kept - 1]] - (double) top) < leastRatio) {
      kept--;
    }
    return kept;
  }

  private boolean covers(int token, float[] logits, int[] sorted, int kept) {
    double all = mass(logits, sorted, kept, temperature);
    double start = 0;
    for (int i = 0; i < kept; i++) {
      int id = sorted[i];
      double own = Math.exp((logits[id] - (double) logits[sorted[0]]) / temperature) / all;
      if (id == token) {
        return start - TOLERANCE <= uniform && uniform <= start + own + TOLERANCE;
      }
      start += own;
    }
    return false;
  }

  private static double mass(float[] logits, int[] sorted, int count, double temperature) {
    double mass = 0;
    for (int i = 0; i < count; i++) {
      mass += Math.exp((logits[sorted[i]] - (double) logits[sorted[0]]) / temperature);
    }
    return mass;
  }
}
