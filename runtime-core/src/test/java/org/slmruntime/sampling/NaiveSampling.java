package org.slmruntime.sampling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The truncations written as their definitions read, in double precision, sorting everything. */
final class NaiveSampling {
  private NaiveSampling() {}

  private record Token(int id, double logit) {}

  /** The probabilities that a sampler draws from, by token. */
  static Map<Integer, Double> distribution(Sampling s, float[] logits) {
    List<Token> tokens = new ArrayList<>();
    for (int id = 0; id < logits.length; id++) {
      tokens.add(new Token(id, logits[id]));
    }
    tokens.sort(Comparator.comparingDouble((Token t) -> -t.logit).thenComparingInt(Token::id));
    if (s.topK() > 0) {
      tokens = tokens.subList(0, Math.min(s.topK(), tokens.size()));
    }
    tokens = typical(tokens, s.typicalP());
    tokens = topP(tokens, s.topP());
    tokens = minP(tokens, s.minP());
    double[] p = softmax(tokens, s.temperature());
    Map<Integer, Double> result = new HashMap<>();
    for (int i = 0; i < p.length; i++) {
      result.put(tokens.get(i).id, p[i]);
    }
    return result;
  }

  static double[] softmax(List<Token> tokens, double temperature) {
    double[] p = new double[tokens.size()];
    double total = 0;
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp((tokens.get(i).logit - tokens.getFirst().logit) / temperature);
      total += p[i];
    }
    for (int i = 0; i < p.length; i++) {
      p[i] /= total;
    }
    return p;
  }

  /** Locally typical sampling (Meister et al., 2022). */
  private static List<Token> typical(List<Token> tokens, double mass) {
    if (mass >= 1) {
      return tokens;
    }
    double[] p = softmax(tokens, 1);
    double entropy = 0;
    for (double x : p) {
      entropy -= x > 0 ? x * Math.log(x) : 0;
    }
    double center = entropy;
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < p.length; i++) {
      order.add(i);
    }
    order.sort(Comparator.comparingDouble(i -> Math.abs(-Math.log(p[i]) - center)));
    List<Integer> kept = new ArrayList<>();
    double total = 0;
    for (int i : order) {
      kept.add(i);
      total += p[i];
      if (total > mass) {
        break;
      }
    }
    return kept.stream().sorted().map(tokens::get).toList();
  }

  private static List<Token> topP(List<Token> tokens, double mass) {
    double[] p = softmax(tokens, 1);
    double total = 0;
    for (int i = 0; mass < 1 && i < p.length; i++) {
      total += p[i];
      if (total >= mass) {
        return tokens.subList(0, i + 1);
      }
    }
    return tokens;
  }

  private static List<Token> minP(List<Token> tokens, double fraction) {
    double[] p = softmax(tokens, 1);
    List<Token> kept = new ArrayList<>();
    for (int i = 0; i < p.length; i++) {
      if (p[i] >= fraction * p[0]) {
        kept.add(tokens.get(i));
      }
    }
    return kept;
  }
}
