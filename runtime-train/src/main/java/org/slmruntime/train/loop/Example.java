package org.slmruntime.train.loop;

import java.util.Arrays;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.TrainingBatch;

/**
 * One text to learn from.
 *
 * @param ids its tokens, BOS and what ends it included; at least two
 * @param counts whether predicting {@code ids[i]} from those before counts; the first never does
 */
public record Example(int[] ids, boolean[] counts) {
  /**
   * @throws TrainException if no prediction counts
   */
  public Example {
    if (ids.length < 2 || counts.length != ids.length) {
      throw new TrainException(
          "an example must have at least 2 tokens and a mark for each but has "
              + (ids.length + " and " + counts.length));
    }
    boolean any = false;
    for (int i = 1; i < ids.length; i++) {
      any |= counts[i];
    }
    if (!any) {
      throw new TrainException("none of the " + ids.length + " tokens of an example counts");
    }
  }

  /** A text of which all tokens are to be learned. */
  public static Example of(int... ids) {
    return ofAnswer(ids, 0);
  }

  /** A text that is to be learned from token {@code from} on. */
  public static Example ofAnswer(int[] ids, int from) {
    boolean[] counts = new boolean[ids.length];
    Arrays.fill(counts, Math.min(from, ids.length), ids.length, true);
    return new Example(ids, counts);
  }

  void addTo(TrainingBatch.Builder batch) {
    batch.text(ids, counts);
  }
}
