package org.slmruntime.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogSoftmaxTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  @RepeatedTest(10)
  void agreesWithTheFormulaOnARowInTheMiddle() {
    int vocabulary = random.nextInt(1, 300);
    int offset = random.nextInt(50);
    float[] logits = new float[offset + vocabulary + 10];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (5 * random.nextGaussian());
    }
    double sum = 0;
    for (int id = 0; id < vocabulary; id++) {
      sum += StrictMath.exp(logits[offset + id]);
    }
    int id = random.nextInt(vocabulary);
    double expected = logits[offset + id] - StrictMath.log(sum);
    LogSoftmax logSoftmax = new LogSoftmax("m", vocabulary);
    assertEquals(expected, logSoftmax.of(logits, offset, id), 1e-12, () -> "seed " + seed);
  }

  @Test
  void overflowsForNoLogits() {
    LogSoftmax logSoftmax = new LogSoftmax("m", 2);
    float[] logits = {Float.MAX_VALUE, -Float.MAX_VALUE};
    assertEquals(0, logSoftmax.of(logits, 0, 0));
    assertEquals(-2.0 * Float.MAX_VALUE, logSoftmax.of(logits, 0, 1));
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void refusesWhatIsNoFiniteNumber(float bad) {
    LogSoftmax logSoftmax = new LogSoftmax("m.gguf", 3);
    float[] logits = {9, 1, 2, bad};
    String message =
        assertThrows(EvaluationException.class, () -> logSoftmax.normalizer(logits, 1))
            .getMessage();
    assertEquals("m.gguf: its logit of token 2 is " + bad, message);
  }

  @Test
  void findsTheFirstOfTheGreatest() {
    LogSoftmax logSoftmax = new LogSoftmax("m", 4);
    assertEquals(1, logSoftmax.top(new float[] {9, 1, 3, 3, 2, 8}, 1));
    assertEquals(0, logSoftmax.top(new float[4], 0));
  }
}
