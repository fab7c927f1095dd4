package org.slmruntime.eval;

import java.util.Arrays;
import org.slmruntime.engine.ModelRunner;

/**
 * Answers multiple-choice questions by the log-likelihood of each choice. What a prompt shares with
 * the one before it stays in the cache, and every choice branches off where the prompt ends. Used
 * by one thread at a time.
 */
public final class ChoiceScorer implements AutoCloseable {
  private static final int[] NOTHING = {};

  private final EvaluatedModel model;
  private final ModelRunner runner;
  private final ModelRunner.Sequence sequence;
  private final LogSoftmax logSoftmax;

  /** Logits after the prompt, from which each choice's first token is predicted. */
  private final float[] afterPrompt;

  private final RunningMean accuracy = new RunningMean();
  private final RunningMean normalizedAccuracy = new RunningMean();
  private final RunningMean chance = new RunningMean();

  /** The tokens with which the sequence begins. */
  private int[] prompt = NOTHING;

  private double sum;

  public ChoiceScorer(EvaluatedModel model) {
    this.model = model;
    this.runner = model.runner();
    this.sequence = runner.newSequence();
    this.logSoftmax = model.logSoftmax();
    this.afterPrompt = new float[model.vocabulary()];
  }

  /**
   * Scores a question's choices and counts whether the best is right.
   *
   * @param question as the {@link ChoiceEncoder} of this model makes it
   * @return each choice's log-likelihood after the prompt, in nats
   * @throws EvaluationException if an id is not in the vocabulary, or a logit is no finite number
   * @throws org.slmruntime.engine.EngineException if prompt and choice are longer than the context
   */
  public double[] score(EncodedChoices question) {
    model.requireKnown(question.prompt());
    question.continuations().forEach(model::requireKnown);
    read(question.prompt());
    double[] scores = question.continuations().stream().mapToDouble(this::logLikelihood).toArray();
    double[] normalized = new double[scores.length];
    Arrays.setAll(normalized, i -> scores[i] / question.lengths()[i]);
    accuracy.add(best(scores) == question.answer() ? 1 : 0);
    normalizedAccuracy.add(best(normalized) == question.answer() ? 1 : 0);
    chance.add(1.0 / scores.length);
    return scores;
  }

  /** Brings the prompt into the cache, and with it the logits after its last token. */
  private void read(int[] next) {
    int differs = Arrays.mismatch(prompt, next);
    int kept = Math.min(differs < 0 ? next.length : differs, next.length - 1);
    // If this fails, nothing is known of what the cache holds.
    prompt = NOTHING;
    sequence.truncate(kept);
    runner.forwardLast(
        sequence,
        Arrays.copyOfRange(next, kept, next.length),
        (_, logits, offset) ->
            System.arraycopy(logits, offset, afterPrompt, 0, afterPrompt.length));
    prompt = next;
  }

  private double logLikelihood(int[] choice) {
    sequence.truncate(prompt.length);
    sum = logSoftmax.of(afterPrompt, 0, choice[0]);
    // Nothing is predicted from the last token.
    runner.forwardAll(
        sequence,
        Arrays.copyOf(choice, choice.length - 1),
        EvaluatedModel.ROWS,
        (position, logits, offset) ->
            sum += logSoftmax.of(logits, offset, choice[position - prompt.length + 1]));
    return sum;
  }

  /** The index of the greatest, the first of several. */
  private static int best(double[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      best = scores[i] > scores[best] ? i : best;
    }
    return best;
  }

  /** Of all questions so far. */
  public ChoiceAccuracy accuracy() {
    return new ChoiceAccuracy(
        accuracy.count(),
        accuracy.estimate(),
        normalizedAccuracy.estimate(),
        chance.estimate().mean());
  }

  @Override
  public void close() {
    sequence.close();
  }
}
