package org.slmruntime.train.loop;

import java.util.Map;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.optimizer.AdamW;
import org.slmruntime.train.optimizer.CosineSchedule;

/**
 * How a training goes.
 *
 * @param schedule of the learning rate, which also says how many steps there are
 * @param optimizer what makes new weights of gradients
 * @param clip the longest gradient of a step, as the norm of all
 * @param evaluateEvery steps between validations; there is one before the first step and one at the
 *     end in any case
 * @param saveEvery steps between checkpoints; there is one at the end in any case
 */
public record TrainingPlan(
    CosineSchedule schedule, AdamW optimizer, double clip, long evaluateEvery, long saveEvery) {
  public TrainingPlan {
    if (!(clip > 0)) {
      throw new TrainException("gradients cannot be clipped to the norm " + clip);
    }
    if (evaluateEvery < 1 || saveEvery < 1) {
      throw new TrainException(
          "neither validations nor checkpoints can be "
              + (evaluateEvery + " and " + saveEvery + " steps apart"));
    }
  }

  /** In words, for a checkpoint: with others, going on from it would give something else. */
  public Map<String, String> settings() {
    return Map.of(
        "schedule",
        schedule.toString(),
        "optimizer",
        optimizer.toString(),
        "clip",
        Double.toString(clip));
  }

  public long steps() {
    return schedule.steps();
  }
}
