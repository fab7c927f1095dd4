package org.slmruntime.testkit;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.slmruntime.sampling.TokenDraws;

/** Chooses tokens as the truncations are defined: in double precision, sorting everything. */
final class TokenChooser {
  /** Probabilities that are rounded may put a bound this far off. */
  private static final double NEAR = 1e-5;

  private TokenChooser() {}

  /** Whether an id is chosen from a row, with bounds as they are or nearly so. */
  static boolean couldBe(int id, float[] logits, TokenDraws draws, int row) {
    if (draws.temperature(row) == 0) {
      return id == likelyFirst(logits).getFirst();
    }
    List<Integer> order = likelyFirst(logits);
    for (double p : new double[] {0, -NEAR, NEAR}) {
      for (double m : new double[] {0, -NEAR, NEAR}) {
        List<Integer> kept = kept(order, logits, draws, row, p, m);
        for (double u : new double[] {0, -NEAR, NEAR}) {
          if (id == draw(kept, logits, draws.temperature(row), draws.uniform(row) + u)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static List<Integer> likelyFirst(float[] logits) {
    // Both zeros become one.
    Comparator<Integer> likely = Comparator.comparingDouble(id -> 0.0 - logits[id]);
    return IntStream.range(0, logits.length).boxed().sorted(likely).toList();
  }

  private static List<Integer> kept(
      List<Integer> order, float[] logits, TokenDraws draws, int row, double p, double m) {
    int k = draws.topK(row) > 0 ? Math.min(draws.topK(row), order.size()) : order.size();
    double[] probabilities = softmax(order.subList(0, k), logits, 1);
    int count = 1;
    double mass = probabilities[0];
    while (count < k
        && (draws.topP(row) == 1 || mass < draws.topP(row) + p)
        && (draws.minP(row) == 0
            || probabilities[count] >= (draws.minP(row) + m) * probabilities[0])) {
      mass += probabilities[count++];
    }
    return order.subList(0, count);
  }

  private static int draw(List<Integer> kept, float[] logits, double temperature, double uniform) {
    double[] probabilities = softmax(kept, logits, temperature);
    double point = Math.max(0, uniform);
    for (int i = 0; i < probabilities.length; i++) {
      point -= probabilities[i];
      if (point < 0) {
        return kept.get(i);
      }
    }
    return kept.getLast();
  }

  private static double[] softmax(List<Integer> ids, float[] logits, double temperature) {
    double max = logits[ids.getFirst()];
    double[] p = ids.stream().mapToDouble(i -> Math.exp((logits[i] - max) / temperature)).toArray();
    double total = 0;
    for (double x : p) {
      total += x;
    }
    for (int i = 0; i < p.length; i++) {
      p[i] /= total;
    }
    return p;
  }
}
