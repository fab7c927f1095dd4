package org.slmruntime.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class SamplingTest {
  private static void refuses(String message, Supplier<Sampling> made) {
    assertEquals(message, assertThrows(SamplingException.class, made::get).getMessage());
  }

  @Test
  void refusesValuesOutOfRangeNamingThem() {
    Sampling s = Sampling.defaults();
    refuses("maxTokens is out of range: -1", () -> s.maxTokens(-1));
    refuses("temperature is out of range: -0.1", () -> s.temperature(-0.1f));
    refuses("temperature is out of range: NaN", () -> s.temperature(Float.NaN));
    refuses("temperature is out of range: Infinity", () -> s.temperature(Float.POSITIVE_INFINITY));
    refuses("topK is out of range: -1", () -> s.topK(-1));
    refuses("topP is out of range: 0.0", () -> s.topP(0));
    refuses("topP is out of range: 1.1", () -> s.topP(1.1f));
    refuses("topP is out of range: NaN", () -> s.topP(Float.NaN));
    refuses("minP is out of range: -0.1", () -> s.minP(-0.1f));
    refuses("minP is out of range: 2.0", () -> s.minP(2));
    refuses("typicalP is out of range: 0.0", () -> s.typicalP(0));
    refuses("repetitionPenalty is out of range: 0.0", () -> s.repetitionPenalty(0));
    refuses("repetitionPenalty is out of range: NaN", () -> s.repetitionPenalty(Float.NaN));
    refuses("presencePenalty is out of range: NaN", () -> s.presencePenalty(Float.NaN));
    refuses("frequencyPenalty is out of range: 1.0E7", () -> s.frequencyPenalty(1e7f));
    refuses("penaltyWindow is out of range: -1", () -> s.penaltyWindow(-1));
    refuses("logProbs is out of range: -2", () -> s.logProbs(-2));
    refuses("logProbs is out of range: 101", () -> s.logProbs(101));
    refuses("logit bias of 7 is out of range: NaN", () -> s.logitBias(Map.of(7, Float.NaN)));
    refuses("a stop string must not be empty", () -> s.stopStrings(List.of("a", "")));
    List<String> many = Collections.nCopies(65, "x");
    refuses("the number of stop strings is out of range: 65", () -> s.stopStrings(many));
  }

  @Test
  void acceptsTheEndsOfEveryRange() {
    Sampling s = Sampling.defaults().maxTokens(0).temperature(1000).topK(0).topP(1).minP(1);
    s = s.typicalP(1).repetitionPenalty(1e-6f).presencePenalty(-1e6f).frequencyPenalty(1e6f);
    s = s.penaltyWindow(0).logProbs(100).logitBias(Map.of(1, Float.NEGATIVE_INFINITY));
    assertEquals(1000, s.temperature());
    assertEquals(100, s.logProbs());
  }

  @Test
  void changesNothingButTheNamedComponent() {
    Sampling s = Sampling.defaults().seed(5).stopTokens(Set.of(3)).ignoreEnd(true).maxTokens(9);
    s = s.topK(7).minP(0.5f).stopStrings(List.of("x"));
    assertEquals(5, s.seed().getAsLong());
    assertEquals(Set.of(3), s.stopTokens());
    assertTrue(s.ignoreEnd());
    assertEquals(9, s.maxTokens());
    assertEquals(7, s.topK());
    assertEquals(0.5f, s.minP());
    assertEquals(List.of("x"), s.stopStrings());
    assertEquals(Sampling.defaults().topP(), s.topP());
    assertEquals(s, s.topK(7));
  }

  @Test
  void isNotChangedThroughTheCollectionsItWasGiven() {
    Map<Integer, Float> bias = new HashMap<>(Map.of(1, 2f));
    List<String> stops = new ArrayList<>(List.of("x"));
    Sampling s = Sampling.defaults().logitBias(bias).stopStrings(stops);
    bias.put(1, Float.NaN);
    stops.add("");
    assertEquals(Map.of(1, 2f), s.logitBias());
    assertEquals(List.of("x"), s.stopStrings());
  }
}
