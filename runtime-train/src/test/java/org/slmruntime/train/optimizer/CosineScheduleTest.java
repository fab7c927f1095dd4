package org.slmruntime.train.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.slmruntime.train.TrainException;

class CosineScheduleTest {
  @Test
  void risesInALineAndFallsAlongACosine() {
    CosineSchedule schedule = new CosineSchedule(10, 2, 4, 10);
    double[] rates = {2.5, 5, 7.5, 10, 9.46410161513775, 8, 6, 4, 2.53589838486225, 2, 2};
    for (int step = 1; step <= rates.length; step++) {
      assertEquals(rates[step - 1], schedule.rate(step), 1e-12, "step " + step);
    }
  }

  @Test
  void canDoWithoutWarmUpAndWithNothingElse() {
    assertEquals(0.5, new CosineSchedule(1, 0, 0, 2).rate(1), 1e-12);
    assertEquals(1, new CosineSchedule(1, 0, 3, 3).rate(3), 1e-12);
  }

  @Test
  void refusesWhatIsNoSchedule() {
    assertThrows(TrainException.class, () -> new CosineSchedule(1, 2, 0, 1));
    assertThrows(TrainException.class, () -> new CosineSchedule(Double.NaN, 0, 0, 1));
    assertThrows(TrainException.class, () -> new CosineSchedule(1, 0, 2, 1));
    assertThrows(TrainException.class, () -> new CosineSchedule(1, 0, 0, 0));
    assertThrows(TrainException.class, () -> new CosineSchedule(1, 0, 0, 1).rate(0));
  }
}
