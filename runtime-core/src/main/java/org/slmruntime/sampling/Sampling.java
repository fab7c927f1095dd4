package org.slmruntime.sampling;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How a request's tokens are chosen and when it ends. Immutable; each method that is named after a
 * component returns a changed copy.
 *
 * @param maxTokens most new tokens
 * @param temperature 0 is greedy; larger is more random
 * @param topK only the k most likely; 0 for all
 * @param topP only the most likely that together reach this probability; 1 for all
 * @param minP only those at least this fraction as likely as the most likely; 0 for all
 * @param typicalP only the locally typical ones of this mass (Meister et al., 2022); 1 for all
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens seen; 1 for
 *     none (Keskar et al., 2019)
 * @param presencePenalty subtracted once from the logits of tokens seen
 * @param frequencyPenalty subtracted for each time a token was seen
 * @param penaltyWindow how many of the last tokens, the prompt's included, count as seen
 * @param logitBias added to the logits of these ids; negative infinity forbids
 * @param seed makes the choice repeatable; empty for a random one
 * @param stopStrings end the text before the first of them
 * @param stopTokens end the text, beside the model's own
 * @param ignoreEnd whether the model's own end-of-generation tokens are ignored
 * @param logProbs how many alternatives to report per token; -1 for no log-probabilities
 */
public record Sampling(
    int maxTokens,
    float temperature,
    int topK,
    float topP,
    float minP,
    float typicalP,
    float repetitionPenalty,
    float presencePenalty,
    float frequencyPenalty,
    int penaltyWindow,
    Map<Integer, Float> logitBias,
    OptionalLong seed,
    List<String> stopStrings,
    Set<Integer> stopTokens,
    boolean ignoreEnd,
    int logProbs) {
  public static final int MAX_LOG_PROBS = 100;
  public static final int MAX_STOPS = 64;

  public Sampling {
    check("maxTokens", maxTokens, maxTokens >= 0);
    check("temperature", temperature, temperature >= 0 && temperature <= 1000);
    check("topK", topK, topK >= 0);
    check("topP", topP, topP > 0 && topP <= 1);
    check("minP", minP, minP >= 0 && minP <= 1);
    check("typicalP", typicalP, typicalP > 0 && typicalP <= 1);
    check("repetitionPenalty", repetitionPenalty, repetitionPenalty > 0 && repetitionPenalty < 1e6);
    check("presencePenalty", presencePenalty, Math.abs(presencePenalty) <= 1e6);
    check("frequencyPenalty", frequencyPenalty, Math.abs(frequencyPenalty) <= 1e6);
    check("penaltyWindow", penaltyWindow, penaltyWindow >= 0);
    check("logProbs", logProbs, logProbs >= -1 && logProbs <= MAX_LOG_PROBS);
    check("the number of stop strings", stopStrings.size(), stopStrings.size() <= MAX_STOPS);
    if (stopStrings.stream().anyMatch(String::isEmpty)) {
      throw new SamplingException("a stop string must not be empty");
    }
    logitBias.forEach((id, bias) -> check("logit bias of " + id, bias, !Float.isNaN(bias)));
    logitBias = Map.copyOf(logitBias);
    stopStrings = List.copyOf(stopStrings);
    stopTokens = Set.copyOf(stopTokens);
  }

  /** The most likely token each time. */
  public static Sampling greedy() {
    return defaults().temperature(0);
  }

  /** Temperature 0.8, top-k 40, top-p 0.95, min-p 0.05: llama.cpp's defaults. */
  public static Sampling defaults() {
    return new Sampling(
        Integer.MAX_VALUE,
        0.8f,
        40,
        0.95f,
        0.05f,
        1,
        1,
        0,
        0,
        64,
        Map.of(),
        OptionalLong.empty(),
        List.of(),
        Set.of(),
        false,
        -1);
  }

  /** Whether no random number is drawn. */
  public boolean isGreedy() {
    return temperature == 0;
  }

  public Sampling maxTokens(int maxTokens) {
    return new Sampling(
        maxTokens,
        temperature,
        topK,
        topP,
        minP,
        typicalP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        penaltyWindow,
        logitBias,
        seed,
        stopStrings,
        stopTokens,
        ignoreEnd,
        logProbs);
  }

  public Sampling temperature(float temperature) {
    return new Sampling(
        maxTokens,
        temperature,
        topK,
        topP,
        minP,
        typicalP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        penaltyWindow,
        logitBias,
        seed,
        stopStrings,
        stopTokens,
        ignoreEnd,
        logProbs);
  }

  public Sampling topK(int topK) {
    return new Sampling(
        maxTokens,
        temperature,
        topK,
        topP,
        minP,
        typicalP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        penaltyWindow,
        logitBias,
        seed,
        stopStrings,
        stopTokens,
        ignoreEnd,
        logProbs);
  }

  public Sampling topP(float topP) {
    return new Sampling(
        maxTokens,
        temperature,
        topK,
        topP,
        minP,
        typicalP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        penaltyWindow,
        logitBias,
        seed,
        stopStrings,
        stopTokens,
        ignoreEnd,
        logProbs);
  }

  public Sampling minP(float minP) {
    return new Sampling(
        maxTokens,
        temperature,
        topK,
        topP,
        minP,
        typicalP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        penaltyWindow,
        logitBias,
        seed,
        stopStrings,
        stopTokens,
        ignoreEnd,
        logProbs);
  }

  public Sampling typicalP(float typicalP) {
    return new Sampling(
        maxTokens,
        temperature,
        topK,
        topP,
        minP,
        typicalP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        penaltyWindow,
        logitBias,
        seed,
        stopStrings,
        stopTokens,
        ignoreEnd,
        logProbs);
  }

  public Sampling repetitionPenalty(float repetitionPenalty) {
    return new Sampling(
        maxTokens,
        temperature,
        topK,
        topP,
        minP,
        typicalP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        penaltyWindow,
        logitBias,
        seed,
        stopStrings,
        stopTokens,
        ignoreEnd,
        logProbs);
  }

  public Sampling presencePenalty(float presencePenalty) {
    return new Sampling(
        maxTokens,
        temperature,
        topK,
        topP,
        minP,
        typicalP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        penaltyWindow,
        logitBias,
        seed,
        stopStrings,
        stopTokens,
        ignoreEnd,
        logProbs);
  }

  public Sampling frequencyPenalty(float frequencyPenalty) {
    return new Sampling(
        maxTokens,
        temperature,
        topK,
        topP,
        minP,
        typicalP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        penaltyWindow,
        logitBias,
        seed,
        stopStrings,
        stopTokens,
        ignoreEnd,
        logProbs);
  }

  public Sampling penaltyWindow(int penaltyWindow) {
    return new Sampling(
        maxTokens,
        temperature,
        topK,
        topP,
        minP,
        typicalP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        penaltyWindow,
        logitBias,
        seed,
        stopStrings,
        stopTokens,
        ignoreEnd,
        logProbs);
  }

  public Sampling logitBias(Map<Integer, Float> logitBias) {
    return new Sampling(
        maxTokens,
        temperature,
        topK,
        topP,
        minP,
        typicalP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        penaltyWindow,
        logitBias,
        seed,
        stopStrings,
        stopTokens,
        ignoreEnd,
        logProbs);
  }

  public Sampling seed(long seed) {
    return new Sampling(
        maxTokens,
        temperature,
        topK,
        topP,
        minP,
        typicalP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        penaltyWindow,
        logitBias,
        OptionalLong.of(seed),
        stopStrings,
        stopTokens,
        ignoreEnd,
        logProbs);
  }

  public Sampling stopStrings(List<String> stopStrings) {
    return new Sampling(
        maxTokens,
        temperature,
        topK,
        topP,
        minP,
        typicalP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        penaltyWindow,
        logitBias,
        seed,
        stopStrings,
        stopTokens,
        ignoreEnd,
        logProbs);
  }

  public Sampling stopTokens(Set<Integer> stopTokens) {
    return new Sampling(
        maxTokens,
        temperature,
        topK,
        topP,
        minP,
        typicalP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        penaltyWindow,
        logitBias,
        seed,
        stopStrings,
        stopTokens,
        ignoreEnd,
        logProbs);
  }

  public Sampling ignoreEnd(boolean ignoreEnd) {
    return new Sampling(
        maxTokens,
        temperature,
        topK,
        topP,
        minP,
        typicalP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        penaltyWindow,
        logitBias,
        seed,
        stopStrings,
        stopTokens,
        ignoreEnd,
        logProbs);
  }

  public Sampling logProbs(int logProbs) {
    return new Sampling(
        maxTokens,
        temperature,
        topK,
        topP,
        minP,
        typicalP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        penaltyWindow,
        logitBias,
        seed,
        stopStrings,
        stopTokens,
        ignoreEnd,
        logProbs);
  }

  private static void check(String name, Number value, boolean valid) {
    if (!valid) {
      throw new SamplingException(name + " is out of range: " + value);
    }
  }
}
