package org.slmruntime.train.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.train.TrainException;

class LossHistoryTest {
  private static final String HEAD = "step,loss,validation_loss,learning_rate,gradient_norm\n";

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void aTableIsReadAsItWasWritten() {
    LossHistory history = new LossHistory();
    history.add(new LossHistory.Validation(0, random.nextDouble()));
    for (int step = 1; step < 30; step++) {
      history.add(
          new LossHistory.Training(step, 1e-9 * random.nextDouble(), random.nextFloat(), step));
      if (random.nextBoolean()) {
        history.add(new LossHistory.Validation(step, random.nextDouble()));
      }
    }
    LossHistory read = LossHistory.ofCsv(history.toCsv());
    assertEquals(history.training(), read.training(), "seed " + seed);
    assertEquals(history.validation(), read.validation(), "seed " + seed);
  }

  @Test
  void aTableHasALineForEachStep() {
    LossHistory history = new LossHistory();
    history.add(new LossHistory.Validation(0, 4.5));
    history.add(new LossHistory.Training(1, 4, 0.25, 2));
    history.add(new LossHistory.Validation(1, 3.5));
    assertEquals(HEAD + "0,,4.5,,\n1,4.0,3.5,0.25,2.0\n", history.toCsv());
  }

  @Test
  void theChartHasBothLosses() {
    LossHistory history = new LossHistory();
    history.add(new LossHistory.Validation(0, 4.5));
    history.add(new LossHistory.Training(1, 4, 0.25, 2));
    String svg = history.toSvg("a < b");
    assertTrue(svg.contains("training") && svg.contains("validation"), svg);
    assertTrue(svg.contains("a &lt; b"), svg);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "step,loss\n1,2\n",
        HEAD + "1,2,3\n",
        HEAD + "one,2,3,4,5\n",
        HEAD + "1,2,,3,x\n",
        HEAD + "2,1,,1,1\n1,1,,1,1\n"
      })
  void refusesWhatIsNoHistory(String csv) {
    assertThrows(TrainException.class, () -> LossHistory.ofCsv(csv));
  }
}
