package org.slmruntime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.sampling.Sampling;
import org.slmruntime.sampling.SamplingException;
import org.slmruntime.sampling.TokenChoice;
import org.slmruntime.testing.TinyLlama;

/** When tokens are chosen on the device, and that it makes no difference. */
@Timeout(60)
class DeviceSamplingTest {
  @TempDir Path folder;
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private Path file;

  @BeforeEach
  void write() {
    file = new TinyLlama(7).write(folder);
  }

  private LanguageModel open(String backend) {
    return LanguageModel.open(file, ModelOptions.defaults().backend(backend).notice(_ -> {}));
  }

  private int[] prompt() {
    int[] prompt = random.ints(1 + random.nextInt(9), 3, 60).toArray();
    prompt[prompt.length - 1] = 7;
    return prompt;
  }

  private static Sampling greedy() {
    return Sampling.greedy().ignoreEnd(true).maxTokens(12);
  }

  /** Without token {@link SamplingPlan#BROKEN}, after which nothing can be chosen. */
  private static boolean isWhole(List<TokenChoice> choices) {
    return choices.stream().noneMatch(c -> c.token() == SamplingPlan.BROKEN);
  }

  @Test
  void aSeedGivesTheSameTokensWhereverTheyAreChosen() {
    int compared = 0;
    try (LanguageModel host = open("reference");
        LanguageModel device = open(SamplingProvider.ID)) {
      for (int i = 0; i < 20; i++) {
        Sampling drawn = Sampling.defaults().seed(random.nextLong()).temperature(0.8f);
        Sampling sampling = (i % 4 == 0 ? greedy() : drawn).ignoreEnd(true).maxTokens(12);
        sampling = i % 4 == 2 ? sampling.topK(0).minP(0.05f) : sampling;
        int[] prompt = prompt();
        List<TokenChoice> expected = host.generate(prompt, sampling).result().choices();
        if (isWhole(expected)) {
          assertEquals(
              expected, device.generate(prompt, sampling).result().choices(), "seed " + seed);
          compared++;
        }
      }
    }
    assertTrue(compared > 0, "nothing was compared, seed " + seed);
  }

  @Test
  void requestsThatNeedTheLogitsGetThem() {
    List<Sampling> needy =
        List.of(
            greedy().logProbs(0),
            greedy().logitBias(Map.of(3, 1f)),
            greedy().penaltyWindow(8).repetitionPenalty(1.1f),
            Sampling.defaults().typicalP(0.9f));
    for (Sampling sampling : needy) {
      // A new one each: the refusal ends a model's steps.
      try (LanguageModel device = open(SamplingProvider.ID);
          Generation generation = device.generate(prompt(), sampling)) {
        EngineException e = assertThrows(EngineException.class, generation::result);
        assertEquals(SamplingPlan.REFUSAL, e.getMessage(), sampling.toString());
      }
    }
  }

  @Test
  void saysOfLogitsThatAreNoNumbersWhatTheHostSays() {
    try (LanguageModel device = open(SamplingProvider.ID)) {
      Generation bad = device.generate(new int[] {1, SamplingPlan.BROKEN}, greedy());
      Generation good = device.generate(new int[] {1, 7}, greedy());
      EngineException e = assertThrows(EngineException.class, bad::result);
      assertInstanceOf(SamplingException.class, e.getCause());
      assertEquals("the logit of token 5 is NaN", e.getMessage());
      List<TokenChoice> alone = new ArrayList<>(good.result().choices());
      assertEquals(12, alone.size());
    }
  }
}
