package org.slmruntime.train.loop;

/** Is told how training goes, by the thread that trains. */
public interface TrainingListener {
  /** Hears nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /**
   * A step is done.
   *
   * @param tokens that it read
   */
  default void onStep(LossHistory.Training step, long tokens) {}

  /** The validation texts were scored. */
  default void onValidation(LossHistory.Validation validation) {}
}
