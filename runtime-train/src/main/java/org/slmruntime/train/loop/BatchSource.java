package org.slmruntime.train.loop;

import java.util.List;
import org.slmruntime.train.TrainingBatch;

/**
 * Where the batches of training come from. The same step has the same batches always, so that a
 * training that is resumed needs no more than the number of its step.
 */
@FunctionalInterface
public interface BatchSource {
  /**
   * The batches of a step, at least one; their gradients are added up.
   *
   * @param step counts from 1
   */
  List<TrainingBatch> batches(long step);
}
