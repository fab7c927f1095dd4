package org.slmruntime.train.loop;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.optimizer.AdamW;

/** All that a training changes: weights, their moments, how far it has come. Not thread-safe. */
public final class TrainingState {
  private final Map<Weight, float[]> weights;
  private final Map<Weight, AdamW.Moments> moments = new LinkedHashMap<>();
  private final LossHistory history;
  private long step;

  private TrainingState(Map<Weight, float[]> weights, LossHistory history, long step) {
    this.weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    this.history = history;
    this.step = step;
  }

  /** Before the first step. The arrays become the training's own. */
  public static TrainingState start(Map<Weight, float[]> weights) {
    TrainingState state = new TrainingState(weights, new LossHistory(), 0);
    weights.forEach((w, values) -> state.moments.put(w, AdamW.Moments.zeros(values.length)));
    return state;
  }

  /** What was saved. */
  static TrainingState resume(
      Map<Weight, float[]> weights,
      Map<Weight, AdamW.Moments> moments,
      LossHistory history,
      long step) {
    if (step < 0 || !moments.keySet().equals(weights.keySet())) {
      throw new TrainException("no training is at step " + step);
    }
    TrainingState state = new TrainingState(weights, history, step);
    state.moments.putAll(moments);
    return state;
  }

  /** Steps done. */
  public long step() {
    return step;
  }

  /** An array for each trained weight, row by row, which steps change. */
  public Map<Weight, float[]> weights() {
    return weights;
  }

  public Set<Weight> trained() {
    return weights.keySet();
  }

  AdamW.Moments moments(Weight weight) {
    return moments.get(weight);
  }

  public LossHistory history() {
    return history;
  }

  void stepDone() {
    step++;
  }
}
