package org.slmruntime.eval;

import java.util.Arrays;
import org.slmruntime.engine.ModelRunner;

/** Sums up a model's perplexity, window by window. Used by one thread at a time. */
public final class TextScorer {
  private final EvaluatedModel model;
  private final LogSoftmax logSoftmax;
  private final RunningMean surprise = new RunningMean();

  public TextScorer(EvaluatedModel model) {
    this.model = model;
    this.logSoftmax = model.logSoftmax();
  }

  /**
   * Scores a window.
   *
   * @throws EvaluationException if an id is not in the vocabulary, or a logit is no finite number
   * @throws org.slmruntime.engine.EngineException if the window is longer than the context
   */
  public void score(Window window) {
    int[] ids = window.ids();
    int from = window.from();
    model.requireKnown(ids);
    ModelRunner runner = model.runner();
    try (ModelRunner.Sequence sequence = runner.newSequence()) {
      if (from > 0) {
        runner.forwardLast(sequence, Arrays.copyOf(ids, from), (_, _, _) -> {});
      }
      // Nothing is predicted from the last token.
      runner.forwardAll(
          sequence,
          Arrays.copyOfRange(ids, from, ids.length - 1),
          EvaluatedModel.ROWS,
          (position, logits, offset) ->
              surprise.add(-logSoftmax.of(logits, offset, ids[position + 1])));
    }
  }

  /** Of all windows so far. */
  public Perplexity perplexity() {
    return new Perplexity(surprise.count(), surprise.estimate());
  }
}
