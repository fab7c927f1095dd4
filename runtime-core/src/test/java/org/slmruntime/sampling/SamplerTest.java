package org.slmruntime.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SamplerTest {
  /** Nothing but the temperature. */
  private static Sampling plain() {
    return Sampling.defaults().topK(0).topP(1).minP(0).temperature(1).seed(1);
  }

  private static float[] random(SplittableRandom random, int vocabulary, double spread) {
    float[] logits = new float[vocabulary];
    for (int i = 0; i < vocabulary; i++) {
      logits[i] = (float) (random.nextGaussian() * spread);
    }
    return logits;
  }

  private static int greedy(Sampling sampling, float[] logits, int... seen) {
    Sampler sampler = new Sampler(sampling);
    for (int token : seen) {
      sampler.accept(token);
    }
    return sampler.sample(logits, 0, logits.length).token();
  }

  @Test
  void takesTheLowestOfEquallyLikelyTokensWhenGreedy() {
    assertEquals(1, greedy(Sampling.greedy(), new float[] {0, 3, 2, 3, 3}));
  }

  @Test
  void readsOnlyItsOwnRow() {
    float[] rows = {9, 9, 9, 0, 1, 0, 9, 9};
    Sampler sampler = new Sampler(Sampling.greedy().logProbs(3));
    TokenChoice choice = sampler.sample(rows, 3, 3);
    assertEquals(1, choice.token());
    assertEquals(3, choice.alternatives().size());
    assertArrayEquals(new float[] {9, 9, 9, 0, 1, 0, 9, 9}, rows);
  }

  @Test
  void keepsTheLowestOfEqualTokensWithTopK() {
    Sampler sampler = new Sampler(plain().topK(2));
    float[] logits = new float[100];
    for (int i = 0; i < 200; i++) {
      int token = sampler.sample(logits, 0, logits.length).token();
      assertTrue(token < 2, "token " + token);
    }
  }

  @Test
  void drawsFromTheSoftmaxAtEveryTemperature() {
    for (float temperature : new float[] {0.3f, 1, 2.5f}) {
      float[] logits = random(new SplittableRandom(5), 12, 1.5);
      checkDraws(plain().temperature(temperature), logits, "temperature " + temperature);
    }
  }

  @Test
  void keepsExactlyWhatTheDefinitionsKeep() {
    for (int seed = 0; seed < 60; seed++) {
      SplittableRandom r = new SplittableRandom(seed);
      Sampling s = plain().seed(seed).temperature(0.5f + r.nextInt(3) * 0.5f);
      s = r.nextBoolean() ? s.topK(1 + r.nextInt(12)) : s;
      s = r.nextBoolean() ? s.topP(0.05f + r.nextInt(19) * 0.05f) : s;
      s = r.nextBoolean() ? s.minP(0.01f + r.nextInt(10) * 0.03f) : s;
      s = r.nextInt(3) == 0 ? s.typicalP(0.1f + r.nextInt(8) * 0.1f) : s;
      checkDraws(s, random(r, 2 + r.nextInt(12), 1.5), "seed " + seed + ": " + s);
    }
  }

  @Test
  void cutsLargeVocabulariesWhereTheDefinitionsDo() {
    for (int seed = 0; seed < 9; seed++) {
      SplittableRandom r = new SplittableRandom(seed);
      Sampling s = plain().seed(seed);
      s = seed % 3 > 0 ? s.topP(0.5f + r.nextInt(5) * 0.1f) : s;
      s = seed % 3 < 2 ? s.minP(0.001f + r.nextInt(3) * 0.01f) : s;
      checkKept(s, random(r, 900, 1 + r.nextInt(3)), "seed " + seed + ": " + s);
    }
  }

  /** The least likely of the tokens kept must be met at some time, and none beyond. */
  private static void checkKept(Sampling sampling, float[] logits, String context) {
    Map<Integer, Double> wanted = NaiveSampling.distribution(sampling, logits);
    float least = Float.POSITIVE_INFINITY;
    for (int id : wanted.keySet()) {
      least = Math.min(least, logits[id]);
    }
    // A very high temperature makes all that is kept about equally likely.
    Sampler sampler = new Sampler(sampling.temperature(1000));
    int draws = 14 * wanted.size();
    boolean[] met = new boolean[logits.length];
    int distinct = 0;
    for (int i = 0; i < draws; i++) {
      int token = sampler.sample(logits, 0, logits.length).token();
      assertTrue(logits[token] >= least, context + ": " + logits[token] + " is below " + least);
      distinct += met[token] ? 0 : 1;
      met[token] = true;
    }
    assertEquals(wanted.size(), distinct, context);
  }

  /** Pearson's chi-square test of many draws, at about one in ten million. */
  private static void checkDraws(Sampling sampling, float[] logits, String context) {
    Map<Integer, Double> wanted = NaiveSampling.distribution(sampling, logits);
    Sampler sampler = new Sampler(sampling);
    int draws = 20_000;
    int[] counts = new int[logits.length];
    for (int i = 0; i < draws; i++) {
      counts[sampler.sample(logits, 0, logits.length).token()]++;
    }
    double statistic = 0;
    int cells = 0;
    double rareExpected = 0;
    int rareCount = 0;
    for (int id = 0; id < counts.length; id++) {
      double expected = draws * wanted.getOrDefault(id, 0.0);
      assertTrue(expected > 0 || counts[id] == 0, context + ": drew token " + id);
      if (expected < 10) {
        rareExpected += expected;
        rareCount += counts[id];
      } else {
        statistic += (counts[id] - expected) * (counts[id] - expected) / expected;
        cells++;
      }
    }
    assertTrue(
        Math.abs(rareCount - rareExpected) <= 6 * Math.sqrt(rareExpected) + 6,
        context + ": " + rareCount + " rare draws of " + rareExpected);
    // Wilson and Hilferty's normal approximation, at 5.2 standard deviations.
    double k = Math.max(1, cells - 1);
    double limit = k * Math.pow(1 - 2 / (9 * k) + 5.2 * Math.sqrt(2 / (9 * k)), 3);
    assertTrue(statistic <= limit, context + ": chi-square " + statistic + " over " + limit);
  }

  @Test
  void dividesPositiveAndMultipliesNegativeLogitsOfSeenTokens() {
    Sampling s = Sampling.greedy().repetitionPenalty(2);
    assertEquals(0, greedy(s, new float[] {4, 3, 1.9f}));
    assertEquals(1, greedy(s, new float[] {4, 3, 1.9f}, 0));
    assertEquals(0, greedy(s, new float[] {4, 3, 1.9f}, 0, 1));
    assertEquals(1, greedy(s, new float[] {-1, -1.5f}, 0));
    assertEquals(0, greedy(s, new float[] {-1, -2.5f}, 0));
  }

  @Test
  void takesThePresencePenaltyOnceAndTheFrequencyPenaltyForEachTime() {
    Sampling presence = Sampling.greedy().presencePenalty(1);
    assertEquals(0, greedy(presence, new float[] {4, 2.5f}, 0, 0, 0));
    assertEquals(1, greedy(presence, new float[] {4, 3.5f}, 0));
    Sampling frequency = Sampling.greedy().frequencyPenalty(1);
    assertEquals(0, greedy(frequency, new float[] {4, 2.5f}, 0));
    assertEquals(1, greedy(frequency, new float[] {4, 2.5f}, 0, 0));
    Sampling both = Sampling.greedy().presencePenalty(0.5f).frequencyPenalty(0.5f);
    assertEquals(0, greedy(both, new float[] {4, 2.5f}, 0, 0, 1));
    assertEquals(1, greedy(both, new float[] {4, 2.6f}, 0, 0));
  }

  @Test
  void forgetsWhatLiesBeforeThePenaltyWindow() {
    Sampling s = Sampling.greedy().frequencyPenalty(1).penaltyWindow(2);
    assertEquals(1, greedy(s, new float[] {4, 3.5f, -9}, 2, 0));
    assertEquals(1, greedy(s, new float[] {4, 3.5f, -9}, 0, 2));
    assertEquals(0, greedy(s, new float[] {4, 3.5f, -9}, 0, 2, 2));
    assertEquals(1, greedy(s, new float[] {4, 2.5f, -9}, 0, 0, 0, 0));
    assertEquals(0, greedy(s.penaltyWindow(0), new float[] {4, 3.5f}, 0, 0));
  }

  @Test
  void countsItsOwnChoicesAsSeen() {
    Sampler sampler = new Sampler(Sampling.greedy().presencePenalty(10));
    float[] logits = {3, 2, 1};
    assertEquals(0, sampler.sample(logits, 0, 3).token());
    assertEquals(1, sampler.sample(logits, 0, 3).token());
    assertEquals(2, sampler.sample(logits, 0, 3).token());
    assertEquals(0, sampler.sample(logits, 0, 3).token());
  }

  @Test
  void addsTheLogitBiasAndPassesOverUnknownIds() {
    float[] logits = {3, 2, 1};
    assertEquals(2, greedy(Sampling.greedy().logitBias(Map.of(2, 5f, 99, 5f, -1, 5f)), logits));
    Map<Integer, Float> forbidden = Map.of(0, Float.NEGATIVE_INFINITY);
    Sampler sampler = new Sampler(plain().logitBias(forbidden));
    for (int i = 0; i < 500; i++) {
      assertNotEquals(0, sampler.sample(logits, 0, 3).token());
    }
  }

  @Test
  void refusesLogitsItCannotChooseFrom() {
    for (Sampling s : List.of(Sampling.greedy(), plain())) {
      String message =
          assertThrows(SamplingException.class, () -> greedy(s, new float[] {1, Float.NaN}))
              .getMessage();
      assertEquals("the logit of token 1 is NaN", message);
      float[] none = {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY};
      assertThrows(SamplingException.class, () -> greedy(s, none));
      float[] infinite = {1, Float.POSITIVE_INFINITY};
      assertThrows(SamplingException.class, () -> greedy(s, infinite));
      float[] one = {Float.NEGATIVE_INFINITY, -1e30f};
      assertEquals(1, greedy(s, one));
    }
  }

  @Test
  void repeatsItselfWithTheSameSeedOnly() {
    float[] logits = random(new SplittableRandom(1), 50, 1);
    Sampler unseeded = new Sampler(Sampling.defaults());
    int[] first = draws(unseeded, logits);
    assertArrayEquals(first, draws(new Sampler(Sampling.defaults().seed(unseeded.seed())), logits));
    int[] other = draws(new Sampler(Sampling.defaults().seed(unseeded.seed() + 1)), logits);
    assertNotEquals(java.util.Arrays.toString(first), java.util.Arrays.toString(other));
  }

  private static int[] draws(Sampler sampler, float[] logits) {
    int[] tokens = new int[100];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = sampler.sample(logits, 0, logits.length).token();
    }
    return tokens;
  }

  @Test
  void reportsTheLogSoftmaxOfTheLogitsAsTheModelGaveThem() {
    for (int seed = 0; seed < 50; seed++) {
      float[] logits = random(new SplittableRandom(seed), 40, 3);
      Sampling s = plain().temperature(0.5f).presencePenalty(3).logProbs(5).seed(seed);
      Sampler sampler = new Sampler(s.logitBias(Map.of(3, 4f)));
      TokenChoice choice = sampler.sample(logits, 0, logits.length);
      double total = 0;
      for (float logit : logits) {
        total += Math.exp(logit);
      }
      assertEquals(
          logits[choice.token()] - Math.log(total), choice.logProb(), 1e-5, "seed " + seed);
      checkAlternatives(choice, logits, total, "seed " + seed);
    }
  }

  private static void checkAlternatives(
      TokenChoice choice, float[] logits, double total, String context) {
    assertEquals(5, choice.alternatives().size(), context);
    float last = Float.POSITIVE_INFINITY;
    for (TokenChoice.Alternative a : choice.alternatives()) {
      assertEquals(logits[a.token()] - Math.log(total), a.logProb(), 1e-5, context);
      assertTrue(a.logProb() <= last, context);
      last = a.logProb();
    }
    float fifth = last;
    long above = 0;
    for (float logit : logits) {
      above += logit - Math.log(total) > fifth + 1e-5 ? 1 : 0;
    }
    assertEquals(4, above, context);
  }

  @Test
  void reportsNoLogProbabilityUnlessAsked() {
    TokenChoice choice = new Sampler(Sampling.greedy()).sample(new float[] {1, 2}, 0, 2);
    assertTrue(Float.isNaN(choice.logProb()));
    assertEquals(List.of(), choice.alternatives());
    TokenChoice asked = new Sampler(Sampling.greedy().logProbs(0)).sample(new float[] {0, 0}, 0, 2);
    assertEquals(Math.log(0.5), asked.logProb(), 1e-6);
    assertEquals(List.of(), asked.alternatives());
  }
}
