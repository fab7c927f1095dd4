package org.slmruntime.sampling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Chooses one request's tokens, in this order: bias, penalties, top-k, typical, top-p, min-p,
 * temperature, draw. Holds the request's history and random numbers; used by one thread at a time.
 *
 * <p>Without top-k the truncations still look only at the most likely {@value #MOST_CANDIDATES}
 * tokens unless more are needed to reach the asked-for mass, so no vocabulary is sorted in full.
 */
public final class Sampler {
  private static final int MOST_CANDIDATES = 512;

  private final Sampling sampling;
  private final long seed;
  private final SplittableRandom random;
  private final History history;
  private final Candidates candidates = new Candidates();
  private float[] adjusted = new float[0];

  public Sampler(Sampling sampling) {
    this.sampling = sampling;
    this.seed = sampling.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong());
    this.random = new SplittableRandom(seed);
    this.history = new History(sampling.penaltyWindow());
  }

  /** The seed in use: the given one, or one drawn at the start. */
  public long seed() {
    return seed;
  }

  /** Counts a token as seen, for the penalties: prompt tokens, then those generated. */
  public void accept(int token) {
    history.add(token);
  }

  /**
   * Chooses from one row of logits, which is not changed, and counts the choice as seen.
   *
   * @throws SamplingException if no logit is finite
   */
  public TokenChoice sample(float[] logits, int offset, int vocabulary) {
    TokenChoice choice = chosen(choose(logits, offset, vocabulary));
    return sampling.logProbs() < 0
        ? choice
        : withLogProbs(choice.token(), logits, offset, vocabulary);
  }

  /**
   * Whether {@link TokenDraws} can say how this request's tokens are chosen: without bias,
   * penalties, typical sampling and log-probabilities.
   */
  public boolean isSimple() {
    return sampling.logitBias().isEmpty()
        && !usesPenalties()
        && sampling.typicalP() == 1
        && sampling.logProbs() < 0;
  }

  /**
   * Leaves the next choice to a device. Takes a random number where {@link #sample} takes one, so
   * that a seed gives the same tokens either way, up to rounding. {@link #chosen} tells the result.
   */
  public void draw(TokenDraws draws) {
    if (sampling.isGreedy()) {
      draws.addGreedy();
    } else {
      draws.add(
          sampling.temperature(),
          sampling.topK(),
          sampling.topP(),
          sampling.minP(),
          random.nextDouble());
    }
  }

  /** Counts the device's choice as seen. */
  public TokenChoice chosen(int token) {
    accept(token);
    return new TokenChoice(token, Float.NaN, List.of());
  }

  private int choose(float[] logits, int offset, int vocabulary) {
    float[] row = logits;
    int start = offset;
    if (!sampling.logitBias().isEmpty() || usesPenalties()) {
      row = adjust(logits, offset, vocabulary);
      start = 0;
    }
    if (sampling.isGreedy()) {
      return argmax(row, start, vocabulary);
    }
    argmax(row, start, vocabulary);
    select(row, start, vocabulary);
    return draw();
  }

  /** The largest logit's id, the lowest on ties. */
  private static int argmax(float[] row, int offset, int vocabulary) {
    int best = -1;
    float bestLogit = Float.NEGATIVE_INFINITY;
    for (int id = 0; id < vocabulary; id++) {
      float logit = row[offset + id];
      if (Float.isNaN(logit)) {
        throw new SamplingException("the logit of token " + id + " is NaN");
      }
      if (logit > bestLogit) {
        bestLogit = logit;
        best = id;
      }
    }
    if (best < 0 || Float.isInfinite(bestLogit)) {
      throw new SamplingException("no logit is finite; the largest is " + bestLogit);
    }
    return best;
  }

  private boolean usesPenalties() {
    return sampling.penaltyWindow() > 0
        && (sampling.repetitionPenalty() != 1
            || sampling.presencePenalty() != 0
            || sampling.frequencyPenalty() != 0);
  }

  private float[] adjust(float[] logits, int offset, int vocabulary) {
    if (adjusted.length < vocabulary) {
      adjusted = new float[vocabulary];
    }
    System.arraycopy(logits, offset, adjusted, 0, vocabulary);
    sampling
        .logitBias()
        .forEach(
            (id, bias) -> {
              if (id >= 0 && id < vocabulary) {
                adjusted[id] += bias;
              }
            });
    if (usesPenalties()) {
      history.forEach(
          (token, count) -> {
            if (token < vocabulary) {
              float logit = adjusted[token];
              logit *= logit > 0 ? 1 / sampling.repetitionPenalty() : sampling.repetitionPenalty();
              logit -= sampling.presencePenalty() + count * sampling.frequencyPenalty();
              adjusted[token] = logit;
            }
          });
    }
    return adjusted;
  }

  /** Leaves in {@link #candidates} what the truncations keep, with final probabilities. */
  private void select(float[] row, int offset, int vocabulary) {
    boolean truncated = sampling.topP() < 1 || sampling.minP() > 0;
    int limit = sampling.topK() > 0 ? Math.min(sampling.topK(), vocabulary) : vocabulary;
    boolean partial = sampling.topK() == 0 && truncated && sampling.typicalP() == 1;
    double share = 1;
    boolean known = false;
    if (partial && limit > MOST_CANDIDATES) {
      candidates.takeLargest(row, offset, vocabulary, MOST_CANDIDATES);
      share = sampling.topP() < 1 ? share(row, offset, vocabulary) : 1;
      known = cutsWithinCandidates(share);
    }
    if (!known) {
      share = 1;
      candidates.takeLargest(row, offset, vocabulary, limit);
    }
    typical();
    candidates.softmax(1);
    topP(share);
    minP();
    candidates.softmax(sampling.temperature());
  }

  /** Whether a truncation cuts within the candidates, which have {@code share} of all mass. */
  private boolean cutsWithinCandidates(double share) {
    double least = Math.exp(candidates.logits[candidates.size - 1] - candidates.logits[0]);
    return sampling.minP() > 0 && least < sampling.minP()
        || sampling.topP() < 1 && share >= sampling.topP();
  }

  /** The candidates' part of the whole vocabulary's probability. */
  private double share(float[] row, int offset, int vocabulary) {
    double max = candidates.logits[0];
    double total = 0;
    for (int id = 0; id < vocabulary; id++) {
      total += Math.exp(row[offset + id] - max);
    }
    double known = 0;
    for (int i = 0; i < candidates.size; i++) {
      known += Math.exp(candidates.logits[i] - max);
    }
    return known / total;
  }

  /** Keeps the tokens whose surprise is nearest to the entropy, up to the wanted mass. */
  private void typical() {
    if (sampling.typicalP() == 1 || candidates.size < 2) {
      return;
    }
    candidates.softmax(1);
    double entropy = 0;
    for (int i = 0; i < candidates.size; i++) {
      double p = candidates.probabilities[i];
      entropy -= p > 0 ? p * Math.log(p) : 0;
    }
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < candidates.size; i++) {
      order.add(i);
    }
    double center = entropy;
    order.sort(
        Comparator.comparingDouble(i -> Math.abs(-Math.log(candidates.probabilities[i]) - center)));
    boolean[] kept = new boolean[candidates.size];
    double mass = 0;
    for (int i : order) {
      kept[i] = true;
      mass += candidates.probabilities[i];
      if (mass > sampling.typicalP()) {
        break;
      }
    }
    int size = 0;
    for (int i = 0; i < kept.length; i++) {
      if (kept[i]) {
        candidates.swap(size++, i);
      }
    }
    candidates.size = size;
  }

  /**
   * @param share of all mass that the candidates' probabilities, which add up to 1, stand for
   */
  private void topP(double share) {
    double mass = 0;
    for (int i = 0; sampling.topP() < 1 && i < candidates.size; i++) {
      mass += share * candidates.probabilities[i];
      if (mass >= sampling.topP()) {
        candidates.size = i + 1;
      }
    }
  }

  private void minP() {
    double threshold = sampling.minP() * candidates.probabilities[0];
    int size = 1;
    while (size < candidates.size && candidates.probabilities[size] >= threshold) {
      size++;
    }
    candidates.size = sampling.minP() > 0 ? size : candidates.size;
  }

  private int draw() {
    double point = random.nextDouble();
    for (int i = 0; i < candidates.size; i++) {
      point -= candidates.probabilities[i];
      if (point < 0) {
        return candidates.tokens[i];
      }
    }
    return candidates.tokens[0];
  }

  private TokenChoice withLogProbs(int token, float[] logits, int offset, int vocabulary) {
    double max = Double.NEGATIVE_INFINITY;
    for (int id = 0; id < vocabulary; id++) {
      max = Math.max(max, logits[offset + id]);
    }
    double total = 0;
    for (int id = 0; id < vocabulary; id++) {
      total += Math.exp(logits[offset + id] - max);
    }
    double norm = max + Math.log(total);
    List<TokenChoice.Alternative> alternatives = new ArrayList<>();
    int count = Math.min(sampling.logProbs(), vocabulary);
    if (count > 0) {
      candidates.takeLargest(logits, offset, vocabulary, count);
      for (int i = 0; i < count; i++) {
        alternatives.add(
            new TokenChoice.Alternative(
                candidates.tokens[i], (float) (candidates.logits[i] - norm)));
      }
    }
    return new TokenChoice(
        token, (float) (logits[offset + token] - norm), List.copyOf(alternatives));
  }
}
