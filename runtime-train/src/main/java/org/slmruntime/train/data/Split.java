package org.slmruntime.train.data;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.loop.EpochOrder;
import org.slmruntime.train.loop.Example;

/**
 * Examples to learn from, and others that only tell how well that goes. Immutable.
 *
 * @param training at least one
 * @param validation may be empty
 */
public record Split(List<Example> training, List<Example> validation) {
  public Split {
    training = List.copyOf(training);
    validation = List.copyOf(validation);
  }

  /**
   * Sets some examples apart, drawn by a seed; both parts keep the order.
   *
   * @param share of those for validation, from 0 to below 1; at least one where it is above 0
   * @throws TrainException if none is left to learn from
   */
  public static Split drawn(List<Example> examples, double share, long seed) {
    if (!(share >= 0 && share < 1)) {
      throw new TrainException("the share of validation must be from 0 to below 1 but is " + share);
    }
    long apart = share == 0 ? 0 : Math.max(1, Math.round(share * examples.size()));
    if (apart >= examples.size()) {
      throw new TrainException(
          "with "
              + apart
              + " of "
              + examples.size()
              + " examples set apart none is left to learn from");
    }
    BitSet chosen = new BitSet();
    EpochOrder order = new EpochOrder(examples.size(), ~seed);
    for (int i = 0; i < apart; i++) {
      chosen.set(order.at(i));
    }
    List<Example> training = new ArrayList<>();
    List<Example> validation = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      (chosen.get(i) ? validation : training).add(examples.get(i));
    }
    return new Split(training, validation);
  }
}
