package org.slmruntime.train.optimizer;

import org.slmruntime.train.TrainException;

/**
 * Learning rates that rise in a line and fall along half a cosine (Loshchilov and Hutter, 2017,
 * without restarts).
 *
 * @param peak the highest rate, reached by step {@code warmUp}
 * @param floor the last rate, reached by step {@code steps} and kept
 * @param warmUp steps that rise; 0 for none
 * @param steps of the whole training
 */
public record CosineSchedule(double peak, double floor, long warmUp, long steps) {
  public CosineSchedule {
    boolean rates = floor >= 0 && peak >= floor && peak < Double.POSITIVE_INFINITY;
    if (!rates || warmUp < 0 || steps < 1 || warmUp > steps) {
      throw new TrainException(
          "no learning rate goes from "
              + peak
              + " to "
              + floor
              + " in "
              + steps
              + " steps with "
              + warmUp
              + " of warm-up");
    }
  }

  /**
   * @param step counts from 1
   */
  public double rate(long step) {
    if (step < 1) {
      throw new TrainException("steps count from 1 but this is " + step);
    }
    if (step <= warmUp) {
      return peak * step / warmUp;
    }
    if (step >= steps) {
      return floor;
    }
    double done = (double) (step - warmUp) / (steps - warmUp);
    return floor + (peak - floor) * 0.5 * (1 + Math.cos(Math.PI * done));
  }
}
